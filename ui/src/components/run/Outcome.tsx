/** How a run failed: the error, the place in the file, what it means for the data, and what to do now. */
import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArchive,
  IconDatabase,
  IconFileAlert,
  IconFileCode,
  IconHourglassHigh,
  IconPlayerStop,
  IconPlayerTrackNext,
  IconRefresh,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useConnections, useEngine } from '../../api/connections';
import type { ErrorShape } from '../../api/invoke';
import type { LiveJob } from '../../api/jobs';
import { useChannel } from '../../api/queries';
import type { Run } from '../../api/types.generated';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import { BackupLink, RestoreButton } from '../backup/BackupLink';
import { RollbackCheckView } from '../backup/RollbackCheckView';
import { ErrorPanel } from '../ErrorPanel';
import { WaysOutButton } from '../failure/WaysOutButton';
import { askRun } from './ask';
import classes from './Panel.module.css';
import { doingOf, isHead, nameOf, whereOf } from './waitWords';
import { type Leftovers, meaningOf, placeOf } from './words';

interface Props {
  job: LiveJob;
  run: Run | null;
  target: string;
}

/** What this has buttons of its own for. */
const OWN = ['open_file', 'retry', 'mark_applied', 'show_failure'];

export function Outcome({ job, run, target }: Props) {
  const error = job.error as unknown as ErrorShape | null;
  const place = error && placeOf(job, run);
  const failed = run?.migrations.find((one) => one.status === 'failed');
  const leftovers = useLeftovers(job.connection ?? '', run, failed?.filename);
  const meaning = error && run ? meaningOf(run, leftovers) : '';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className={classes.outcome} aria-label="What happened" tabIndex={0}>
      {meaning && (
        <p className={classes.meaning}>
          <IconDatabase size={15} aria-hidden /> {meaning}
        </p>
      )}
      {failed && failed.landed.length > 0 && (
        <ul className={classes.landed} aria-label="What stayed in the database">
          {failed.landed.map((line) => (
            <li key={line} className="mono">
              {line}
            </li>
          ))}
        </ul>
      )}
      {error && isLockTimeout(error) && job.lastWait && <WhoWasInTheWay job={job} />}
      {error && job.state === 'cancelled' && (
        <>
          <p className={classes.meaning}>
            <IconPlayerStop size={15} aria-hidden /> {error.message}
          </p>
          <div className={classes.cancelledActions}>
            <Actions job={job} run={run} place={null} target={target} />
          </div>
        </>
      )}
      {error && job.state !== 'cancelled' && (
        <ErrorPanel
          error={error}
          connection={job.connection}
          without={OWN}
          saysData={Boolean(meaning)}
          actions={<Actions job={job} run={run} place={place} target={target} />}
          compact
        />
      )}
      {run?.warnings?.map((warning) => (
        <p key={warning} className={classes.meaning}>
          <IconAlertTriangle size={15} aria-hidden /> {warning}
        </p>
      ))}
      {run?.rollback_check && <RollbackCheckView check={run.rollback_check} />}
      {run?.backup_id && job.connection && (
        <p className={classes.meaning}>
          <IconArchive size={15} aria-hidden />
          <span>
            What was there before it is in{' '}
            <BackupLink connection={job.connection} id={run.backup_id}>
              the backup
            </BackupLink>
            .
          </span>
        </p>
      )}
      {run?.schema_problem && (
        <p className={classes.meaning}>
          <IconFileAlert size={15} aria-hidden /> The schema file was not written: {run.schema_problem}
        </p>
      )}
    </section>
  );
}

/** A lock that was not free in time: the cause, not only the outermost error, says so. */
function isLockTimeout(error: ErrorShape): boolean {
  const cause = error.details?.cause as { code?: string } | string | undefined;
  return error.code === 'lock_timeout' || (typeof cause === 'object' && cause.code === 'lock_timeout');
}

/** The server knows no more of it by now; this is what was seen last. */
function WhoWasInTheWay({ job }: { job: LiveJob }) {
  const { session } = job.lastWait ?? {};
  if (!session) return null;
  const [first] = session.blockers;
  const head = session.blockers.find((one) => isHead(one, session.blockers)) ?? first;
  return (
    <p className={classes.meaning}>
      <IconHourglassHigh size={15} aria-hidden />
      <span>
        It waited for{' '}
        {head ? (
          <>
            <strong>{nameOf(head)}</strong> <span className="dim">{whereOf(head)}</span>
            {head.is_certain === false && ' (likely)'}
          </>
        ) : (
          'another session'
        )}
        {head && doingOf(head) && <>, which {doingOf(head)}</>}. Try again when it is done.
      </span>
    </p>
  );
}

function Actions({ job, run, place, target }: Props & { place: ReturnType<typeof placeOf> }) {
  const navigate = useNavigate();
  const connection = job.connection ?? '';
  const failed = run?.migrations.find((one) => one.status === 'failed');
  const left = (run?.migrations ?? [])
    .filter((one) => one.status === 'failed' || one.status === 'not_run')
    .map((one) => one.filename);
  const isUp = run?.direction === 'up';
  // The rest of a batch is planned anew; what was done by hand meanwhile is not run again.
  const isBatch = (run?.migrations.length ?? 0) > 1 && Boolean(run?.run_id);
  return (
    <>
      {place && (
        <Button
          variant={failed?.partial || (failed?.landed.length ?? 0) > 0 ? 'default' : 'filled'}
          leftSection={<IconFileCode size={14} />}
          onClick={() =>
            navigate(`${paths.editor(connection, place.file)}${place.line ? `?line=${place.line}` : ''}`)
          }
        >
          {place.line ? `Open at line ${place.line}` : `Open ${place.file}`}
        </Button>
      )}
      {failed && (
        <WaysOutButton
          connection={connection}
          version={failed.filename}
          variant={failed.partial || failed.landed.length > 0 ? 'filled' : 'default'}
        />
      )}
      {run?.backup_id && (
        <RestoreButton
          connection={connection}
          id={run.backup_id}
          label="Restore the backup from before this run…"
        />
      )}
      {left.length > 0 && (
        <Button
          variant="default"
          leftSection={isBatch ? <IconPlayerTrackNext size={14} /> : <IconRefresh size={14} />}
          onClick={() =>
            askRun(
              isBatch
                ? {
                    channel: 'migration:resume',
                    connection,
                    runId: run?.run_id ?? '',
                    versions: left,
                    direction: isUp ? 'up' : 'down',
                  }
                : { channel: isUp ? 'migration:up' : 'migration:down', connection, versions: left },
            )
          }
        >
          {isBatch
            ? `Resume ${formatCount(left.length)} on ${target}`
            : isUp
              ? `Retry ${formatCount(left.length)} on ${target}`
              : `Roll back ${formatCount(left.length)} on ${target}`}
        </Button>
      )}
      {failed && isUp && job.state === 'failed' && (
        <Button
          variant="default"
          onClick={() =>
            askRun({
              channel: 'migration:baseline',
              connection,
              versions: [failed.filename],
              mark: 'applied',
            })
          }
        >
          Mark as applied…
        </Button>
      )}
    </>
  );
}

/** What is known of what a failed file leaves: from what the engine can do and from the file's own words. */
function useLeftovers(connection: string, run: Run | null, filename: string | undefined): Leftovers {
  const { data } = useConnections();
  const engine = useEngine(data?.connections.find((one) => one.id === connection)?.engine);
  const { data: file } = useChannel(
    'migration:read',
    { connection, version: filename ?? '' },
    { enabled: Boolean(filename) },
  );
  const compared = engine?.capabilities.change_detection?.supported ?? false;
  const whole = engine?.capabilities.transactional_ddl?.supported;
  if (whole === undefined || !run || !file) return { rolledBack: null, compared };
  const half = run.direction === 'up' ? 'up' : 'down';
  const outside = new RegExp(`^--[ \\t]*migrate:${half}\\b.*transaction:\\s*false`, 'm').test(file.content);
  return { rolledBack: whole && !outside, compared };
}
