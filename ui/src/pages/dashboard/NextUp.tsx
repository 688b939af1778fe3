/** The pending files, in the order they would run, each with the worst the risk rules say of it. */
import { IconArrowRight } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Connection, DashboardReport, Risks } from '../../api/types.generated';
import { FlagBadge } from '../../components/FlagBadge';
import { SeverityBadge } from '../../components/SeverityBadge';
import { StatusBadge } from '../../components/StatusBadge';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

interface Props {
  connection: Connection;
  report: DashboardReport;
  risks: Risks | undefined;
}

const SHOWN = 6;

export function NextUp({ connection, report, risks }: Props) {
  const { counts } = report.summary;
  const due = (counts?.pending ?? 0) + (counts?.failed ?? 0);
  if (report.pending.length === 0) return null;
  const shown = report.pending.slice(0, SHOWN);
  return (
    <section className={classes.panel} aria-label="Next up">
      <div className={classes.panelHead}>
        <h2>Next up</h2>
        <span className={`tabular ${classes.panelCount}`}>{formatCount(due)}</span>
        <Link className={classes.panelLink} to={`${paths.migrations(connection.id)}?status=pending`}>
          Show in the list <IconArrowRight size={14} aria-hidden />
        </Link>
      </div>
      <ol className={classes.rows}>
        {shown.map((one) => {
          const risk = risks?.files.find((file) => file.filename === one.filename);
          return (
            <li key={one.filename} className={classes.next}>
              <StatusBadge status={one.status} plain />
              <Link
                className={`truncate ${classes.nextName}`}
                to={paths.editor(connection.id, one.filename)}
                title={one.filename}
              >
                {one.name || one.filename}
              </Link>
              <span className={classes.nextBadges}>
                {one.flags.slice(0, 1).map((flag) => (
                  <FlagBadge key={flag} flag={flag} />
                ))}
                {risk?.worst && <SeverityBadge level={risk.worst} plain />}
              </span>
            </li>
          );
        })}
      </ol>
      {due > shown.length && (
        <p className={classes.more}>and {formatCount(due - shown.length)} more after these</p>
      )}
    </section>
  );
}
