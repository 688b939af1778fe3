/** What changes over time: how long migrations take, and how many ran. */
import type { Overview } from '../../api/types.generated';
import { CHART_COLORS, ChartFigure, CountChart, Legend, TimeChart } from '../../components/charts';
import { formatDuration, plural } from '../../lib/format';
import classes from './analytics.module.css';
import { BUCKETS, labelOf } from './words';

const HEIGHT = 208;

export function Trend({ overview }: { overview: Overview }) {
  const { trend, bucket } = overview;
  if (trend.length === 0) return <p className={classes.quiet}>No time was measured.</p>;
  return (
    <ChartFigure
      title="Execution time"
      note="of applied migrations, logarithmic"
      table={{
        head: [BUCKETS[bucket] ?? bucket, 'Files', 'Median', '95th percentile'],
        rows: trend.map((one) => [
          labelOf(one.start, bucket),
          one.files,
          formatDuration(one.median_ms),
          formatDuration(one.p95_ms),
        ]),
      }}
      legend={
        <Legend
          entries={[
            { label: 'Median', color: CHART_COLORS.median, line: true },
            { label: '95th percentile', color: CHART_COLORS.p95, line: true },
          ]}
        />
      }
    >
      <TimeChart
        height={HEIGHT}
        points={trend.map((one) => ({
          label: labelOf(one.start, bucket),
          values: { Median: one.median_ms, '95th percentile': one.p95_ms },
        }))}
        series={[
          { name: '95th percentile', color: CHART_COLORS.p95 },
          { name: 'Median', color: CHART_COLORS.median },
        ]}
      />
    </ChartFigure>
  );
}

export function Frequency({ overview }: { overview: Overview }) {
  const { frequency, bucket, per_day, per_week, undated } = overview;
  if (frequency.length === 0) return <p className={classes.quiet}>Nothing ran.</p>;
  const pace = [
    per_day !== null && `${per_day} a day, ${per_week} a week`,
    undated > 0 && `${plural(undated, 'file')} of a wrong clock left out`,
  ];
  return (
    <ChartFigure
      title="How often"
      note={pace.filter(Boolean).join(' · ')}
      table={{
        head: [BUCKETS[bucket] ?? bucket, 'Applied', 'Rolled back', 'Failed'],
        rows: frequency.map((one) => [labelOf(one.start, bucket), one.applied, one.rolled_back, one.failed]),
      }}
      legend={
        <Legend
          entries={[
            { label: 'Applied', color: CHART_COLORS.applied },
            { label: 'Rolled back', color: CHART_COLORS.rolled_back },
            { label: 'Failed', color: CHART_COLORS.failed },
          ]}
        />
      }
    >
      <CountChart
        height={HEIGHT}
        points={frequency.map((one) => ({
          label: labelOf(one.start, bucket),
          values: { Applied: one.applied, 'Rolled back': one.rolled_back, Failed: one.failed },
        }))}
        series={[
          { name: 'Applied', color: CHART_COLORS.applied },
          { name: 'Rolled back', color: CHART_COLORS.rolled_back },
          { name: 'Failed', color: CHART_COLORS.failed },
        ]}
      />
    </ChartFigure>
  );
}
