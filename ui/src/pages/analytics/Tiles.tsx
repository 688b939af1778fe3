/** The figures at the head of the page. */
import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { DatabaseState, Overview } from '../../api/types.generated';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { RelativeTime } from '../../components/RelativeTime';
import { nameOfFile } from '../../lib/filenames';
import { formatCount, formatDuration, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './analytics.module.css';
import { formatRate, madeOf } from './words';

interface Props {
  overview: Overview;
  /** null while the databases are asked. */
  states: DatabaseState[] | null;
  connection: string;
}

export function Tiles({ overview, states, connection }: Props) {
  const { migrations, rollbacks, restores, times, last_run, last_migration } = overview;
  return (
    <dl className={classes.tiles}>
      <Tile
        name="Migration success"
        value={formatRate(migrations.rate)}
        note={madeOf(migrations, 'try', 'tries')}
      />
      <Tile
        name="Rollback success"
        value={formatRate(rollbacks.rate)}
        note={madeOf(rollbacks, 'try', 'tries')}
      />
      <Tile
        name="Restore success"
        value={formatRate(restores?.rate ?? null)}
        note={restores ? madeOf(restores, 'restore') : 'No backup was restored'}
      />
      <Tile
        name="Median time"
        value={formatDuration(times.median_ms) ?? 'Not measured'}
        note={
          times.files > 0
            ? `mean ${formatDuration(times.mean_ms)} · 95 % within ${formatDuration(times.p95_ms)}`
            : undefined
        }
      />
      <Now states={states} />
      <Tile
        name="Last run"
        value={last_run ? <RelativeTime at={last_run.started_at} /> : 'None yet'}
        note={
          last_run && (
            <span className={classes.tileLinks}>
              <Link to={paths.run(connection, last_run.run_id)}>
                <span className="visually-hidden">Open the last run: </span>
                <OutcomeBadge outcome={last_run.state} plain />
              </Link>
              {last_migration && (
                <span className="truncate" title={`Last applied: ${last_migration.filename}`}>
                  {nameOfFile(last_migration.filename)}
                </span>
              )}
            </span>
          )
        }
      />
    </dl>
  );
}

function Now({ states }: { states: DatabaseState[] | null }) {
  if (states === null) return <Tile name="Pending now" value={<Skeleton h={20} w={48} mt={4} />} />;
  const known = states.filter((one) => one.pending !== null);
  const sum = (key: 'total' | 'pending' | 'failed') => known.reduce((all, one) => all + (one[key] ?? 0), 0);
  const silent = states.filter((one) => one.problem !== null).length;
  return (
    <Tile
      name="Pending now"
      value={known.length > 0 ? formatCount(sum('pending')) : 'Unknown'}
      note={[
        known.length > 0 && `${formatCount(sum('failed'))} failed, ${formatCount(sum('total'))} in all`,
        silent > 0 && `${plural(silent, 'database')} not reached`,
      ]
        .filter(Boolean)
        .join(' · ')}
    />
  );
}

function Tile({ name, value, note }: { name: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className={classes.tile}>
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
      <dd className={classes.tileNote}>{note}</dd>
    </div>
  );
}
