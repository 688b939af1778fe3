/** One database: how far it is, why it needs a look, what ran last. The name leads to its dashboard. */
import { Button, Loader } from '@mantine/core';
import { IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { isErrorShape } from '../../api/invoke';
import type { ConnectionSummary } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { EngineIcon } from '../../components/EngineIcon';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { AppliedBar } from '../../components/overview/AppliedBar';
import { EventIcon } from '../../components/overview/EventIcon';
import { ofRun, statusOfRun, titleOf } from '../../components/overview/words';
import { RelativeTime } from '../../components/RelativeTime';
import { askRun } from '../../components/run/ask';
import { askUnlock } from '../../components/unlock';
import { ENGINE_LABELS } from '../../lib/engines';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './home.module.css';

export function Row({ one }: { one: ConnectionSummary }) {
  return (
    <li className={classes.row}>
      <EngineIcon engine={one.engine} color={one.color} size={28} />
      <div className={classes.who}>
        <div className={classes.nameLine}>
          <Link to={paths.dashboard(one.connection)} className={`truncate ${classes.name}`}>
            {one.name}
          </Link>
          {one.environment !== 'development' && <EnvironmentTag environment={one.environment} short />}
          {one.read_only && <IconLock size={13} className="faint" role="img" aria-label="Read-only" />}
        </div>
        <span className={`truncate faint ${classes.note}`}>{ENGINE_LABELS[one.engine]}</span>
      </div>
      <Applied one={one} />
      <Why one={one} />
      <LastRun one={one} />
      <div className={classes.act}>
        <Act one={one} />
      </div>
    </li>
  );
}

function Applied({ one }: { one: ConnectionSummary }) {
  const { counts } = one;
  if (!counts) return <div className={`faint ${classes.applied}`}>–</div>;
  return (
    <div className={classes.applied}>
      <AppliedBar counts={counts} stale={one.stale} thin />
      <div className={`tabular truncate ${classes.note} ${one.stale ? 'faint' : 'dim'}`}>
        {formatCount(counts.applied)} of {formatCount(counts.total)}
        {counts.pending > 0 && (
          <span className={classes.pending}> · {formatCount(counts.pending)} pending</span>
        )}
        {counts.failed > 0 && <span className={classes.failed}> · {formatCount(counts.failed)} failed</span>}
      </div>
    </div>
  );
}

/** The gravest thing about it, in words. */
function Why({ one }: { one: ConnectionSummary }) {
  const problem = isErrorShape(one.problem) ? one.problem : null;
  if (problem) {
    const isLocked = problem.details?.unlock === true;
    return (
      <div className={classes.why}>
        <span className={`${badges.badge} ${badges.plain} ${isLocked ? badges.gray : badges.red}`}>
          {isLocked ? (
            <IconLock size={14} aria-hidden />
          ) : (
            <IconPlugConnectedX size={14} stroke={2} aria-hidden />
          )}
          <span className="truncate" title={problem.message}>
            {isLocked ? 'Locked' : problem.title}
          </span>
        </span>
        <span className={`truncate faint ${classes.note}`}>
          {one.counts?.at ? (
            <>
              last seen <RelativeTime at={one.counts.at} />
            </>
          ) : (
            'never seen'
          )}
        </span>
      </div>
    );
  }
  if (one.looking)
    return (
      <div className={`dim ${classes.why} ${classes.line}`} role="status">
        <Loader size={12} /> Asking…
      </div>
    );
  const [first, ...more] = one.attention;
  if (!first)
    return (
      <div className={`faint ${classes.why}`}>
        {one.database_exists === false ? 'The database does not exist yet' : ''}
      </div>
    );
  const tone = ['critical', 'high'].includes(first.severity) ? classes.red : classes.violet;
  return (
    <div className={classes.why}>
      <span
        className={`${classes.reason} ${first.kind === 'read_only' ? 'dim' : tone}`}
        title={first.message}
      >
        {first.message}
      </span>
      {more.length > 0 && <span className={`faint ${classes.note}`}>and {more.length} more</span>}
    </div>
  );
}

function LastRun({ one }: { one: ConnectionSummary }) {
  const run = one.last_run;
  if (!run) return <div className={`faint ${classes.last}`}>Nothing run yet</div>;
  const status = statusOfRun(run);
  return (
    <Link className={classes.last} to={`${paths.timeline(one.connection)}?event=${run.run_id}`}>
      <EventIcon status={status} size={14} />
      <span className={classes.lastWords}>
        <span className="truncate">{titleOf(ofRun(run))}</span>
        <span className={`truncate faint ${classes.note}`}>
          <RelativeTime at={run.started_at} />
          {run.author && ` · ${run.author}`}
        </span>
      </span>
    </Link>
  );
}

function Act({ one }: { one: ConnectionSummary }) {
  const problem = isErrorShape(one.problem) ? one.problem : null;
  if (problem?.details?.unlock === true) {
    return (
      <Button variant="default" onClick={() => askUnlock(one.connection)}>
        Unlock<span className="visually-hidden"> {one.name}</span>
      </Button>
    );
  }
  const due = (one.counts?.pending ?? 0) + (one.counts?.failed ?? 0);
  if (due === 0 || one.reachable !== true || one.read_only) return null;
  return (
    <Button
      variant="default"
      onClick={() => askRun({ channel: 'migration:up', connection: one.connection })}
      aria-label={`Apply ${due} to ${one.name}`}
    >
      Apply {formatCount(due)}…
    </Button>
  );
}
