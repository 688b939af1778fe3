/** Every relation, from many (a crow's foot) to one (a bar), dashed where it may be empty: one canvas under the boxes. */
import { useComputedColorScheme } from '@mantine/core';
import { useStore as useFlow } from '@xyflow/react';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import { plural } from '../../../lib/format';
import { useStore } from '../../../lib/store';
import classes from './diagram.module.css';
import type { Line } from './lines';
import { lit } from './lit';
import { paint } from './paint';
import { type Colours, coloursNow } from './picture';

export const Lines = memo(function Lines({ lines }: { lines: Line[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useFlow((flow) => flow.width);
  const height = useFlow((flow) => flow.height);
  // Painted in the same step in which the boxes move, never one behind.
  const [x, y, zoom] = useFlow((flow) => flow.transform);
  const { table } = useStore(lit);
  const scheme = useComputedColorScheme('light');
  const [colours, setColours] = useState<Colours | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme decides what the tokens are.
  useLayoutEffect(() => {
    // The provider sets the scheme on the page in an effect of its own, after this one.
    const later = requestAnimationFrame(() => setColours(coloursNow()));
    return () => cancelAnimationFrame(later);
  }, [scheme]);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && colours) paint(context, lines, { x, y, zoom, width, height }, colours, table);
  }, [lines, x, y, zoom, width, height, colours, table]);

  const pixels = window.devicePixelRatio || 1;
  return (
    <canvas
      ref={canvas}
      className={classes.lines}
      role="img"
      aria-label={plural(lines.length, 'relation')}
      width={Math.round(width * pixels)}
      height={Math.round(height * pixels)}
      style={{ width, height }}
    />
  );
});
