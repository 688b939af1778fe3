/** The slowest, and what took longer than it usually does. */
import { Tooltip } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { Outlier, Overview } from '../../api/types.generated';
import { Bar, Bars } from '../../components/charts';
import { RelativeTime } from '../../components/RelativeTime';
import { formatDuration, plural } from '../../lib/format';
import classes from './analytics.module.css';
import { FileName } from './FileName';
import { KINDS } from './words';

interface Props {
  overview: Overview;
  connection: string;
  /** Several connections are shown: each file says its own. */
  named: boolean;
}

export function Slowest({ overview, connection, named }: Props) {
  const most = Math.max(...overview.slowest.map((one) => one.duration_ms), 1);
  return (
    <section className={classes.plain} aria-label="Slowest">
      <h2>Slowest</h2>
      {overview.slowest.length === 0 && <p className={classes.quiet}>No time was measured.</p>}
      <Bars label="The slowest migrations">
        {overview.slowest.map((one) => (
          <Bar key={`${one.run_id} ${one.filename}`} share={one.duration_ms / most}>
            <FileName file={one} connection={connection} named={named} />
            <span className={`tabular ${classes.ms}`}>{formatDuration(one.duration_ms)}</span>
          </Bar>
        ))}
      </Bars>
    </section>
  );
}

export function Outliers({ overview, connection, named }: Props) {
  return (
    <section className={classes.plain} aria-label="Outliers">
      <h2>
        Outliers
        <Tooltip label={overview.method} multiline maw={440}>
          <button type="button" className={classes.why} aria-label="How outliers are told">
            <IconInfoCircle size={15} aria-hidden />
          </button>
        </Tooltip>
      </h2>
      {overview.outliers.length === 0 ? (
        <p className={classes.quiet}>Nothing took longer than usual, or there are too few runs to tell.</p>
      ) : (
        <ul className={classes.rows}>
          {overview.outliers.map((one) => (
            <One
              key={`${one.file.run_id} ${one.file.filename}`}
              outlier={one}
              connection={connection}
              named={named}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function One({ outlier, connection, named }: { outlier: Outlier; connection: string; named: boolean }) {
  const { file, evidence } = outlier;
  const peers =
    outlier.compared_with === 'own'
      ? plural(outlier.others, 'earlier run')
      : `${plural(outlier.others, 'other file')}: ${(KINDS[file.kind ?? ''] ?? 'the same kind').toLowerCase()}`;
  return (
    <li className={classes.outlier}>
      <div className={classes.outlierHead}>
        <FileName file={file} connection={connection} named={named} />
        <span className="dim">
          <RelativeTime at={file.started_at} />
        </span>
        <strong className={`tabular ${classes.ms}`}>{formatDuration(file.duration_ms)}</strong>
      </div>
      <p className={classes.outlierText}>
        <span className={classes.times}>{outlier.times_slower}×</span>
        <span className="dim">
          the median {formatDuration(outlier.median_ms)} of {peers}.
        </span>{' '}
        {evidence.length === 0 ? (
          <span className="faint">Reason unknown.</span>
        ) : (
          evidence.map((one) => (
            <Tooltip key={one.kind + one.text} label={one.source} multiline maw={320}>
              <span className={classes.evidence}>{one.text} </span>
            </Tooltip>
          ))
        )}
      </p>
    </li>
  );
}
