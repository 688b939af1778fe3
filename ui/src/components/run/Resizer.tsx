/** The panel's upper edge, to drag or to move by arrow keys. */
import type { PointerEvent } from 'react';
import classes from './Panel.module.css';

const STEP_PX = 24;

export function Resizer({ height, onResize }: { height: number; onResize(px: number): void }) {
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault();
    const edge = event.currentTarget;
    const start = event.clientY;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = (move) => onResize(height + start - move.clientY);
    edge.onpointerup = () => {
      edge.onpointermove = null;
    };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is no <hr>.
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the run panel"
      aria-valuenow={Math.round(height)}
      aria-valuemin={140}
      aria-valuemax={800}
      className={classes.resizer}
      onPointerDown={drag}
      onKeyDown={(event) => {
        if (event.key === 'ArrowUp') onResize(height + STEP_PX);
        if (event.key === 'ArrowDown') onResize(height - STEP_PX);
      }}
    />
  );
}
