/** The last runs, and the last thirty days as a strip of bars. */
import { IconArrowRight } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Connection, DashboardReport, DayFigures, RunSummary } from '../../api/types.generated';
import { EventIcon } from '../../components/overview/EventIcon';
import { Person } from '../../components/overview/Person';
import { ofRun, statusOfRun, subtitleOf, titleOf } from '../../components/overview/words';
import { RelativeTime } from '../../components/RelativeTime';
import { formatCount, formatDuration } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

const SHOWN = 7;

export function Recent({ connection, report }: { connection: Connection; report: DashboardReport }) {
  const runs = report.recent.slice(0, SHOWN);
  return (
    <section className={classes.panel} aria-label="Recent activity">
      <div className={classes.panelHead}>
        <h2>Recent activity</h2>
        <Link className={classes.panelLink} to={paths.timeline(connection.id)}>
          Timeline <IconArrowRight size={14} aria-hidden />
        </Link>
      </div>
      <Strip days={report.days} />
      {runs.length === 0 ? (
        <p className={classes.allWell}>Nothing was run from here yet.</p>
      ) : (
        <ul className={classes.rows}>
          {runs.map((run) => (
            <Run key={run.run_id} run={run} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Run({ run }: { run: RunSummary }) {
  const status = statusOfRun(run);
  const happened = ofRun(run);
  const time = formatDuration(run.duration_ms);
  return (
    <li>
      <Link className={classes.run} to={`${paths.timeline(run.connection)}?event=${run.run_id}`}>
        <EventIcon status={status} />
        <span className={classes.runBody}>
          <span className={`truncate ${classes.runTitle}`}>{titleOf(happened)}</span>
          <span className={`truncate faint ${classes.runNote}`} title={run.problem ?? undefined}>
            {run.problem?.split(': ').slice(1).join(': ') || subtitleOf(happened) || time || ''}
          </span>
        </span>
        <span className={classes.runWhen}>
          <span className="dim">
            <RelativeTime at={run.started_at} />
          </span>
          <Person name={run.author ?? run.os_user} bare />
        </span>
      </Link>
    </li>
  );
}

/** Thirty days. The tallest bar is the busiest day; red is what failed. */
function Strip({ days }: { days: DayFigures[] }) {
  const most = Math.max(1, ...days.map((day) => day.applied + day.rolled_back + day.failed));
  const sum = (key: 'applied' | 'rolled_back' | 'failed') =>
    formatCount(days.reduce((total, day) => total + day[key], 0));
  const words = `Last 30 days: ${sum('applied')} applied, ${sum('rolled_back')} rolled back, ${sum('failed')} failed`;
  if (days.every((day) => day.applied + day.rolled_back + day.failed === 0)) return null;
  return (
    <div className={classes.stripBox}>
      <div className={classes.strip} role="img" aria-label={words}>
        {days.map((day) => {
          const height = (count: number) => ({ height: count ? `${Math.max(8, (count / most) * 100)}%` : 0 });
          return (
            <span
              key={day.day}
              className={classes.stripDay}
              title={`${day.day}: ${day.applied} applied, ${day.rolled_back} rolled back, ${day.failed} failed`}
            >
              <span className={classes.stripBad} style={height(day.failed)} />
              <span className={classes.stripDown} style={height(day.rolled_back)} />
              <span className={classes.stripUp} style={height(day.applied)} />
            </span>
          );
        })}
      </div>
      <div className={classes.stripLegend} aria-hidden>
        <span>30 days ago</span>
        <span>Today</span>
      </div>
    </div>
  );
}
