/** The run waits for somebody else: for whom, how long, what can be done, and that nothing is wrong. */
import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconHourglassHigh, IconInfoCircle, IconPlayerStop, IconUser } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useConnections, useEngine } from '../../api/connections';
import type { ActivitySession, Blocker } from '../../api/events';
import type { LiveJob } from '../../api/jobs';
import { useSettings } from '../../api/settings';
import { formatDuration } from '../../lib/format';
import { paths } from '../../lib/paths';
import { createStore, useStore } from '../../lib/store';
import { CopyTextButton } from '../CopyTextButton';
import classes from './Activity.module.css';
import { useCancel } from './cancel';
import {
  detailsOf,
  doingOf,
  HINT_AFTER_S,
  isHead,
  nameOf,
  queryLabel,
  timeOf,
  titleOf,
  whereOf,
} from './waitWords';

/** The jobs whose user has chosen to wait on. */
const waitsOn = createStore<ReadonlySet<string>>(new Set());

interface Props {
  job: LiveJob;
  session: ActivitySession;
  target: string;
  /** In seconds; null where nobody can tell. */
  waited: number | null;
}

export function Waiting({ job, session, target, waited }: Props) {
  const limit = useLimit(job.connection);
  const left = limit.seconds !== null && waited !== null ? Math.max(0, limit.seconds - waited) : null;
  const share = left !== null && limit.seconds ? left / limit.seconds : null;
  return (
    <article className={classes.waiting} aria-label={titleOf(session)}>
      <div className={classes.head}>
        <Ring share={share} />
        <div className={classes.title}>
          <h3>{titleOf(session)}</h3>
          <p className="tabular">
            {[waited !== null && `${timeOf(waited)} so far`, left !== null && whenItGivesUp(left)]
              .filter(Boolean)
              .join(' · ') || 'Nobody tells since when'}
          </p>
        </div>
        <Choices job={job} session={session} target={target} waited={waited} />
      </div>
      <p className={classes.calm}>
        Nothing is wrong: another session is using what this migration needs. As soon as it is done, the run
        goes on by itself.
      </p>
      {session.blockers.length > 0 ? (
        <ul className={classes.blockers} aria-label="Blocked by">
          {headFirst(session.blockers).map((one) => (
            <BlockedBy key={one.session_id} blocker={one} all={session.blockers} />
          ))}
        </ul>
      ) : (
        <p className={classes.note}>This server does not say who that is.</p>
      )}
      {session.note && <p className={classes.note}>{session.note}</p>}
      <Hint job={job} session={session} waited={waited} limit={limit} />
      {session.query?.trim() && (
        <>
          <div className={classes.label}>The statement that waits</div>
          <pre className={classes.query}>{session.query.trim()}</pre>
        </>
      )}
      <HowToEnd blockers={session.blockers} />
    </article>
  );
}

/** Who holds everybody up is the one to look at. */
const headFirst = (all: Blocker[]) =>
  [...all].sort((a, b) => Number(isHead(b, all)) - Number(isHead(a, all)));

const whenItGivesUp = (left: number) =>
  left >= 1 ? `gives up by itself in ${formatDuration(Math.ceil(left) * 1000)}` : 'about to give up';

/** What is left of the time it may wait; where there is no limit, a ring that only breathes. */
function Ring({ share }: { share: number | null }) {
  const radius = 16;
  const around = 2 * Math.PI * radius;
  return (
    <span className={classes.ring} data-endless={share === null || undefined}>
      <svg viewBox="0 0 40 40" aria-hidden="true">
        <circle cx="20" cy="20" r={radius} className={classes.track} />
        <circle
          cx="20"
          cy="20"
          r={radius}
          className={classes.rest}
          strokeDasharray={around}
          strokeDashoffset={around * (1 - (share ?? 1))}
        />
      </svg>
      <IconHourglassHigh size={16} aria-hidden />
    </span>
  );
}

function Choices({ job, session, target, waited }: Props) {
  const { cancel, asked } = useCancel(job);
  const stays = useStore(waitsOn).has(job.job_id);
  const stay = () => waitsOn.set((before) => new Set(before).add(job.job_id));
  return (
    <div className={classes.choices}>
      <CopyTextButton
        text={detailsOf(session, target, waited)}
        label="Copy details"
        variant="subtle"
        color="gray"
      />
      {job.cancellable && (
        <Button
          variant="default"
          onClick={cancel}
          disabled={asked}
          leftSection={<IconPlayerStop size={14} />}
        >
          {asked ? 'Ending…' : 'Stop waiting'}
        </Button>
      )}
      <Button
        variant={stays ? 'default' : 'filled'}
        onClick={stay}
        aria-pressed={stays}
        leftSection={stays ? <IconCheck size={14} /> : undefined}
      >
        {stays ? 'Waiting on' : 'Go on waiting'}
      </Button>
    </div>
  );
}

function BlockedBy({ blocker, all }: { blocker: Blocker; all: Blocker[] }) {
  const doing = doingOf(blocker);
  return (
    <li className={classes.blocker}>
      <div className={classes.who}>
        <span className={classes.face}>
          <IconUser size={14} aria-hidden />
        </span>
        <span>
          <span className="dim">Blocked by </span>
          <strong>{nameOf(blocker)}</strong>
          <span className="dim"> {whereOf(blocker)}</span>
        </span>
        {blocker.is_certain === false && <span className={classes.chip}>likely</span>}
        {isHead(blocker, all) && <span className={classes.chip}>holds everybody up</span>}
      </div>
      <div className={classes.doing}>
        {doing && <span>It {doing.startsWith('for ') ? `has been there ${doing}` : doing}.</span>}
        {blocker.mode && (
          <span className="dim">
            {' '}
            Holds {blocker.mode}
            {blocker.object && (
              <>
                {' '}
                on <span className="mono">{blocker.object}</span>
              </>
            )}
            .
          </span>
        )}
      </div>
      {blocker.query?.trim() && (
        <>
          <div className={classes.label}>{queryLabel(blocker)}</div>
          <pre className={classes.query}>{blocker.query.trim()}</pre>
        </>
      )}
    </li>
  );
}

interface Limit {
  /** How long a statement may wait; null: for ever, or this engine has no such limit. */
  seconds: number | null;
  isSupported: boolean;
  rollsBack: boolean;
}

function useLimit(connection: string | null): Limit {
  const { data } = useConnections();
  const engine = useEngine(data?.connections.find((one) => one.id === connection)?.engine);
  const isSupported = engine?.capabilities.lock_timeout?.supported ?? false;
  const seconds = useSettings()?.safety.lock_timeout_s ?? null;
  return {
    seconds: isSupported ? seconds : null,
    isSupported,
    rollsBack: engine?.capabilities.transactional_ddl?.supported ?? false,
  };
}

/** After a while, unhurried: what the waiting costs others, and who ends it if nobody does. */
function Hint({ job, session, waited, limit }: Omit<Props, 'target'> & { limit: Limit }) {
  const navigate = useNavigate();
  const stays = useStore(waitsOn).has(job.job_id);
  if (stays || waited === null || waited < HINT_AFTER_S) return null;
  const object = session.object?.match(/^(transactionid|virtualxid)$/) ? null : session.object;
  return (
    <div className={classes.hint} role="note">
      <IconInfoCircle size={15} aria-hidden />
      <div>
        While this waits, others who need {object ? <span className="mono">{object}</span> : 'the same'} may
        queue up behind it.{' '}
        {limit.seconds !== null
          ? `So it gives up after ${formatDuration(limit.seconds * 1000)} and can be tried again at a quieter time.`
          : limit.isSupported
            ? 'No time limit is set: it waits until the other session is done.'
            : 'This engine knows no time limit for that.'}{' '}
        {limit.rollsBack
          ? 'Stopping now undoes what this file did so far, unless it runs without a transaction.'
          : 'Stopping now ends this statement; what the file did before it stays.'}{' '}
        {limit.isSupported && (
          <button
            type="button"
            className={classes.link}
            onClick={() => navigate(`${paths.settings}?section=safety`)}
          >
            Change the limit
          </button>
        )}
      </div>
    </div>
  );
}

/** Never offered as a button: the other session is somebody's work. */
function HowToEnd({ blockers }: { blockers: Blocker[] }) {
  const head = blockers.find((one) => isHead(one, blockers)) ?? blockers[0];
  if (!head?.end_statement) return null;
  return (
    <details className={classes.end}>
      <summary>How to end the other session</summary>
      <p>
        DB Toolkit does not end the work of others: what {nameOf(head)} has not committed would be lost. If
        you know that it may go, run this where you are allowed to:
      </p>
      <div className={classes.statement}>
        <code>{head.end_statement}</code>
        <CopyButton value={head.end_statement} timeout={1500}>
          {({ copied, copy }) => (
            <Button variant="subtle" color="gray" onClick={copy} aria-label="Copy the statement">
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
    </details>
  );
}
