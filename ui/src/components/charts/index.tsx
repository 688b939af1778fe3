/** The charts. What draws them (recharts) is a chunk of its own, loaded when the first is shown. */
import { Loader } from '@mantine/core';
import { type ComponentProps, type CSSProperties, lazy, type ReactNode, Suspense } from 'react';
import classes from './charts.module.css';

export { ChartFigure, type ChartTable, DataTable, Legend } from './ChartFigure';
export type { CountPoint } from './CountChart';
export type { TimePoint } from './TimeChart';

const LazyTime = lazy(async () => {
  await import('@mantine/charts/styles.css');
  return import('./TimeChart');
});
const LazyCount = lazy(async () => {
  await import('@mantine/charts/styles.css');
  return import('./CountChart');
});

function Waiting({ height, children }: { height: number; children: ReactNode }) {
  const loading = (
    <div className={classes.loading} style={{ height }}>
      <Loader />
    </div>
  );
  return <Suspense fallback={loading}>{children}</Suspense>;
}

export const TimeChart = (props: ComponentProps<typeof LazyTime>) => (
  <Waiting height={props.height}>
    <LazyTime {...props} />
  </Waiting>
);

export const CountChart = (props: ComponentProps<typeof LazyCount>) => (
  <Waiting height={props.height}>
    <LazyCount {...props} />
  </Waiting>
);

/** Shares of a whole as one bar. Its figure says the numbers. */
export function ShareBar({ parts }: { parts: Array<{ label: string; value: number; color: string }> }) {
  return (
    <div className={classes.stack}>
      {parts.map(({ label, value, color }) => (
        <span key={label} style={{ flexGrow: value, flexBasis: 0, '--swatch': color } as CSSProperties} />
      ))}
    </div>
  );
}

/** A list whose rows carry a bar as long as their share of the longest. */
export function Bars({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.bars} aria-label={label}>
      {children}
    </ul>
  );
}

export function Bar({ share, children }: { share: number; children: ReactNode }) {
  const width = `${(Math.max(0, Math.min(share, 1)) * 100).toFixed(2)}%`;
  return (
    <li className={classes.bar} style={{ '--share': width } as CSSProperties}>
      {children}
    </li>
  );
}

/** The colours of statuses in a chart: as everywhere, a status and nothing else. */
export const CHART_COLORS = {
  applied: 'var(--chart-green)',
  rolled_back: 'var(--chart-gray)',
  failed: 'var(--chart-red)',
  interrupted: 'var(--chart-violet)',
  not_run: 'var(--border-strong)',
  median: 'var(--accent)',
  p95: 'var(--chart-gray)',
} as const;
