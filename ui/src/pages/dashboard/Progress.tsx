/** How far this database is: applied of all, and the one sentence that says it. */
import { IconCircleCheckFilled } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Connection, ConnectionSummary } from '../../api/types.generated';
import { AppliedBar } from '../../components/overview/AppliedBar';
import { RelativeTime } from '../../components/RelativeTime';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

export function Progress({ connection, summary }: { connection: Connection; summary: ConnectionSummary }) {
  const { counts, last_applied: last } = summary;
  if (!counts) {
    return (
      <section className={classes.progress} aria-label="Progress">
        <div className={classes.progressLine}>
          <span className={classes.big}>Not known yet</span>
          <span className="dim">{connection.name} has never answered.</span>
        </div>
      </section>
    );
  }
  const isDone = counts.total > 0 && counts.applied === counts.total;
  return (
    <section className={classes.progress} aria-label="Progress">
      <div className={classes.progressLine}>
        <span className={`tabular ${classes.big}`}>
          {formatCount(counts.applied)}
          <span className={classes.of}> of {formatCount(counts.total)} applied</span>
        </span>
        {isDone && !summary.stale && (
          <span className={classes.upToDate}>
            <IconCircleCheckFilled size={16} aria-hidden /> Up to date
          </span>
        )}
        {last && (
          <span className={`dim ${classes.latest}`}>
            <span className="truncate">
              Latest{' '}
              <Link className={classes.fileLink} to={paths.editor(connection.id, last.filename)}>
                {last.name || last.filename}
              </Link>
            </span>
            {last.applied_at && <RelativeTime at={last.applied_at} />}
          </span>
        )}
      </div>
      <AppliedBar counts={counts} stale={summary.stale} />
    </section>
  );
}
