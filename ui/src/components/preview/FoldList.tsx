/** A long list of rows that open. Only those in sight are in the page; arrows go from row to row, → opens, ← closes. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import classes from './preview.module.css';

export interface FoldRow {
  key: string;
  /** About how high it is, until it is measured. */
  size: number;
  /** It has no button of its own that the arrows could stop at. */
  isNote?: boolean;
}

/** What the row's own button takes. */
export interface Stop {
  tabIndex: 0 | -1;
  'data-row': number;
  /** Where the panel's own search for what to focus begins. */
  'data-autofocus'?: true;
  onFocus(): void;
}

interface Props<R extends FoldRow> {
  rows: R[];
  label: string;
  /** The first row gets the focus once there is one. */
  takesFocus?: boolean;
  className?: string;
  /** Its own height, where it does not take what there is. */
  height?: number;
  children(row: R, stop: Stop): ReactNode;
}

export function FoldList<R extends FoldRow>({
  rows,
  label,
  takesFocus,
  className,
  height,
  children,
}: Props<R>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => rows[at]?.size ?? 40,
    getItemKey: (at) => rows[at]?.key ?? at,
    // Nothing is laid out yet (or the page is hidden): what was guessed stands.
    measureElement: (element) =>
      element.getBoundingClientRect().height ||
      (rows[Number((element as HTMLElement).dataset.index)]?.size ?? 40),
    overscan: 8,
    initialRect: { width: 800, height: 600 },
  });
  const first = rows.findIndex((one) => !one.isNote);
  const current = active >= 0 && active < rows.length && !rows[active]?.isNote ? active : first;

  const buttonOf = (at: number) => scroller.current?.querySelector<HTMLElement>(`[data-row="${at}"]`);
  // Where the arrows are going; a key held down is quicker than rows come into the page.
  const aim = useRef<number | null>(null);
  const focus = (at: number) => {
    setActive(at);
    aim.current = at;
    list.scrollToIndex(at);
    const land = (tries: number) => {
      if (aim.current !== at) return;
      const found = buttonOf(at);
      if (found) {
        aim.current = null;
        found.focus();
      } else if (tries > 0) requestAnimationFrame(() => land(tries - 1));
      else aim.current = null;
    };
    land(3);
  };
  const taken = useRef(false);
  useEffect(() => {
    if (!takesFocus || taken.current) return;
    // The rows come after the list, and the buttons after the rows.
    const found = buttonOf(first);
    if (!found) return;
    taken.current = true;
    found.focus();
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const button = event.target as HTMLElement;
    const on = Number(button.dataset.row ?? -1);
    const at = aim.current ?? on;
    if (on < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const expanded = button.getAttribute('aria-expanded');
    const stops = (from: number, step: 1 | -1) => {
      for (let next = from; next >= 0 && next < rows.length; next += step)
        if (!rows[next]?.isNote) return next;
      return -1;
    };
    const to = {
      ArrowDown: () => stops(at + 1, 1),
      ArrowUp: () => stops(at - 1, -1),
      Home: () => stops(0, 1),
      End: () => stops(rows.length - 1, -1),
    }[event.key];
    if (to) {
      event.preventDefault();
      const next = to();
      if (next >= 0) focus(next);
    } else if (
      (event.key === 'ArrowRight' && expanded === 'false') ||
      (event.key === 'ArrowLeft' && expanded === 'true')
    ) {
      event.preventDefault();
      button.click();
    }
  };

  return (
    <section
      ref={scroller}
      style={height === undefined ? undefined : { height }}
      className={`${classes.list} ${className ?? ''}`}
      aria-label={label}
    >
      <ul style={{ height: list.getTotalSize() }} onKeyDown={onKeyDown}>
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              <li
                key={row.key}
                ref={list.measureElement}
                data-index={index}
                style={{ transform: `translateY(${start}px)` }}
              >
                {children(row, {
                  tabIndex: index === current ? 0 : -1,
                  'data-row': index,
                  ...(takesFocus && index === first ? { 'data-autofocus': true as const } : {}),
                  onFocus: () => setActive(index),
                })}
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}
