/** What a point of a chart says under the pointer. */
import type { CSSProperties } from 'react';
import classes from './charts.module.css';

interface Entry {
  name?: string | number;
  value?: unknown;
  color?: string;
  fill?: string;
}

interface Props {
  label: unknown;
  payload: readonly unknown[] | undefined;
  format(value: number): string;
}

export function ChartTooltip({ label, payload, format }: Props) {
  const entries = ((payload ?? []) as Entry[]).filter((one) => typeof one.value === 'number');
  if (entries.length === 0) return null;
  return (
    <div className={classes.tooltip}>
      <strong>{String(label)}</strong>
      {entries.map((one) => (
        <div key={String(one.name)}>
          <span className={classes.swatch} style={{ '--swatch': one.color ?? one.fill } as CSSProperties} />
          <span>{String(one.name)}</span>
          <span className="tabular">{format(one.value as number)}</span>
        </div>
      ))}
    </div>
  );
}
