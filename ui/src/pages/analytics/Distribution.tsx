/** How migrations ended, which errors there were, and what each kind of migration takes. */
import type { Overview } from '../../api/types.generated';
import { Bar, Bars, CHART_COLORS, ChartFigure, Legend, ShareBar } from '../../components/charts';
import { OUTCOME_WORDS } from '../../components/OutcomeBadge';
import { formatCount, formatDuration, plural } from '../../lib/format';
import classes from './analytics.module.css';
import { formatRate, KINDS } from './words';

const ORDER = ['applied', 'rolled_back', 'failed', 'interrupted', 'not_run'] as const;

export function Distribution({ overview }: { overview: Overview }) {
  const total = Object.values(overview.distribution).reduce((sum, one) => sum + one, 0);
  const parts = ORDER.map((status) => ({
    label: OUTCOME_WORDS[status] ?? status,
    value: overview.distribution[status] ?? 0,
    color: CHART_COLORS[status],
  })).filter(({ value }) => value > 0);
  return (
    <>
      <ChartFigure
        title="How they ended"
        note={plural(total, 'file')}
        table={{
          head: ['Ended', 'Files', 'Share'],
          rows: parts.map(({ label, value }) => [label, formatCount(value), formatRate(value / total)]),
        }}
        legend={
          <Legend
            entries={parts.map(({ label, value, color }) => ({ label, color, value: formatCount(value) }))}
          />
        }
      >
        <ShareBar parts={parts} />
      </ChartFigure>
      <Errors overview={overview} />
    </>
  );
}

function Errors({ overview }: { overview: Overview }) {
  const most = Math.max(...overview.errors.map((one) => one.files), 1);
  return (
    <section className={classes.sub} aria-label="Errors">
      <h2>Errors</h2>
      {overview.errors.length === 0 ? (
        <p className={classes.quiet}>None in this time.</p>
      ) : (
        <Bars label="Errors by kind">
          {overview.errors.map((one) => (
            <Bar key={one.code} share={one.files / most}>
              <span className={`truncate ${classes.grow}`} title={one.code}>
                {one.title}
              </span>
              <span className="tabular">{formatCount(one.files)}</span>
              <span className={`tabular dim ${classes.share}`}>{formatRate(one.rate)}</span>
            </Bar>
          ))}
        </Bars>
      )}
    </section>
  );
}

export function Kinds({ overview }: { overview: Overview }) {
  const { kinds, reading } = overview;
  const most = Math.max(...kinds.map((one) => one.median_ms), 1);
  return (
    <section className={classes.plain} aria-label="By what they do">
      <h2>By what they do</h2>
      {reading.known < reading.total && (
        <p className={classes.quiet}>
          Reading the texts: {formatCount(reading.known)} of {formatCount(reading.total)}…
        </p>
      )}
      {kinds.length > 0 && (
        <Bars label="Median time by what a migration does">
          {kinds.slice(0, 8).map((one) => (
            <Bar key={one.kind} share={one.median_ms / most}>
              <span className={`truncate ${classes.grow}`}>{KINDS[one.kind] ?? one.kind}</span>
              <span className="tabular dim">{formatCount(one.files)}×</span>
              <span className={`tabular ${classes.ms}`}>{formatDuration(one.median_ms)}</span>
            </Bar>
          ))}
        </Bars>
      )}
      {kinds.length === 0 && reading.known === reading.total && (
        <p className={classes.quiet}>No time was measured.</p>
      )}
    </section>
  );
}
