/** Text as it stands in a file, with line numbers, read-only. Only the lines in sight are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import classes from './CodeView.module.css';

const LINE_PX = 19;

interface Props {
  text: string;
  label: string;
  /** The number of the first line, where it is a part of a file. */
  firstLine?: number;
}

export function CodeView({ text, label, firstLine = 1 }: Props) {
  const lines = useMemo(() => text.replace(/\r?\n$/, '').split(/\r?\n/), [text]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });
  const gutter = `${String(firstLine + lines.length - 1).length + 1}ch`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section ref={scroller} className={classes.code} aria-label={label} tabIndex={0}>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => (
          <div key={row.index} className={classes.line} style={{ transform: `translateY(${row.start}px)` }}>
            <span className={classes.number} style={{ width: gutter }} aria-hidden>
              {row.index + firstLine}
            </span>
            <span>{lines[row.index]}</span>
          </div>
        ))}
      </div>
    </section>
  );
}
