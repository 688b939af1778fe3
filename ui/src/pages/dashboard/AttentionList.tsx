/** What needs a person, gravest first, each with the buttons that do something about it. */
import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowsShuffle,
  IconBolt,
  IconCircleCheck,
  IconCircleX,
  IconCopy,
  IconFileAlert,
  IconFileOff,
  IconHistoryOff,
  IconLock,
  IconPencil,
  IconRadar2,
  IconShieldExclamation,
} from '@tabler/icons-react';
import { Link, useNavigate } from 'react-router';
import { backUpNow } from '../../api/backups';
import type {
  Attention,
  AttentionKind,
  Connection,
  ConnectionSummary,
  Drift,
  DriftState,
  Risks,
} from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { WaysOutButton } from '../../components/failure/WaysOutButton';
import { nameOf } from '../../components/overview/words';
import { RelativeTime } from '../../components/RelativeTime';
import { askRun } from '../../components/run/ask';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

const LOOKS: Record<AttentionKind, { icon: typeof IconBolt; tone: 'red' | 'violet' | 'amber' | 'gray' }> = {
  partial: { icon: IconAlertTriangle, tone: 'red' },
  failed: { icon: IconCircleX, tone: 'red' },
  interrupted: { icon: IconBolt, tone: 'red' },
  duplicate: { icon: IconCopy, tone: 'violet' },
  invalid: { icon: IconFileAlert, tone: 'red' },
  out_of_order: { icon: IconArrowsShuffle, tone: 'violet' },
  missing_file: { icon: IconFileOff, tone: 'violet' },
  edited: { icon: IconPencil, tone: 'violet' },
  drift: { icon: IconAlertTriangle, tone: 'violet' },
  stale_backup: { icon: IconHistoryOff, tone: 'amber' },
  risky_pending: { icon: IconShieldExclamation, tone: 'amber' },
  no_down: { icon: IconHistoryOff, tone: 'amber' },
  read_only: { icon: IconLock, tone: 'gray' },
};

/** What has a sheet of its own: what happened, and what now. */
const FAILURES: ReadonlySet<AttentionKind> = new Set(['partial', 'failed', 'interrupted']);

/** The flag of the list's filter. */
const FLAG: Partial<Record<AttentionKind, string>> = {
  partial: 'partial',
  duplicate: 'duplicate_version',
  invalid: 'invalid',
  out_of_order: 'out_of_order',
  missing_file: 'missing_file',
  edited: 'edited',
};

interface Props {
  connection: Connection;
  summary: ConnectionSummary;
  risks: Risks | undefined;
  /** The last known drift; null where it was never checked. */
  drift: Drift | null;
}

export function AttentionList({ connection, summary, risks, drift }: Props) {
  const items = withRisks(summary.attention, risks?.attention ?? null);
  const isKnown = summary.reachable === true;
  return (
    <section className={classes.panel} aria-label="Needs attention">
      <div className={classes.panelHead}>
        <h2>Needs attention</h2>
        {items.length > 0 && <span className={`tabular ${classes.panelCount}`}>{items.length}</span>}
      </div>
      {items.length === 0 && (
        <p className={classes.allWell}>
          {isKnown && <IconCircleCheck size={16} className={classes.ok} aria-hidden />}
          {isKnown ? 'Nothing needs attention.' : 'Not known until the database answers.'}
        </p>
      )}
      <ul className={classes.rows}>
        {items.map((one) => (
          <Item key={`${one.kind} ${one.action}`} connection={connection} one={one} />
        ))}
      </ul>
      <DriftLine connection={connection} drift={drift} />
    </section>
  );
}

/** Drift costs a replay, so nothing looks for it by itself: this says what is known, and looks when asked. */
function DriftLine({ connection, drift }: { connection: Connection; drift: Drift | null }) {
  const navigate = useNavigate();
  const words: Record<DriftState, string> = {
    in_sync: 'No drift',
    drifted: 'Drift',
    unknown: 'Drift unknown',
  };
  return (
    <div className={classes.driftLine}>
      <IconRadar2 size={16} aria-hidden />
      <span className="truncate" title={drift?.reason ?? undefined}>
        {drift ? words[drift.state] : 'Drift was never looked for'}
        {drift?.checked_at && (
          <>
            {' '}
            when last looked, <RelativeTime at={drift.checked_at} />
          </>
        )}
        {drift?.reason && `: ${drift.reason}`}
      </span>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={() => navigate(`${paths.schema(connection.id)}?compare=drift`)}
      >
        Check now
      </Button>
    </div>
  );
}

/** The risk of what is pending, in its place: before what is only a matter of care. */
function withRisks(known: Attention[], risky: Attention | null): Attention[] {
  if (!risky) return known;
  const at = known.findIndex((one) => one.kind === 'no_down' || one.kind === 'read_only');
  return at < 0 ? [...known, risky] : [...known.slice(0, at), risky, ...known.slice(at)];
}

function Item({ connection, one }: { connection: Connection; one: Attention }) {
  const { icon: Icon, tone } = LOOKS[one.kind];
  return (
    <li className={classes.attention}>
      <span className={`${classes.attentionIcon} ${badges[tone]}`}>
        <Icon size={16} stroke={2} aria-hidden />
      </span>
      <div className={classes.attentionBody}>
        <div className={classes.attentionMessage}>{one.message}</div>
        {one.at && (
          <div className="faint">
            found <RelativeTime at={one.at} />
          </div>
        )}
        {one.detail && <div className={`dim ${classes.attentionDetail}`}>{one.detail}</div>}
        {one.filenames.length > 0 && (
          <div className={classes.files}>
            {one.filenames.slice(0, 3).map((filename) => (
              <Link
                key={filename}
                className={`mono truncate ${classes.file}`}
                to={paths.editor(connection.id, filename)}
                title={filename}
              >
                {nameOf(filename)}
              </Link>
            ))}
            {one.count > 3 && <span className="faint">and {formatCount(one.count - 3)} more</span>}
          </div>
        )}
      </div>
      <div className={classes.attentionActions}>
        <Actions connection={connection} one={one} />
      </div>
    </li>
  );
}

function Actions({ connection, one }: { connection: Connection; one: Attention }) {
  const navigate = useNavigate();
  const [first] = one.filenames;
  const list = paths.migrations(connection.id);
  const filter = FLAG[one.kind] ? `${list}?flag=${FLAG[one.kind]}` : `${list}?status=failed`;
  const show = (
    <Button variant="default" onClick={() => navigate(filter)}>
      Show {one.count === 1 ? 'it' : formatCount(one.count)}
    </Button>
  );
  const open = first && (
    <Button variant="default" onClick={() => navigate(paths.editor(connection.id, first))}>
      Open the file
    </Button>
  );
  // What is asked for by name must be all of it: of more than these five the names are not here.
  const mark = one.count <= one.filenames.length && (
    <Button
      variant="subtle"
      color="gray"
      disabled={connection.read_only}
      onClick={() =>
        askRun({ channel: 'migration:baseline', connection: connection.id, versions: one.filenames })
      }
    >
      Mark as applied…
    </Button>
  );
  const ways = first && one.count === 1 && FAILURES.has(one.kind) && (
    <WaysOutButton connection={connection.id} version={first} />
  );
  switch (one.action) {
    case 'backup':
      return (
        <>
          {one.kind !== 'interrupted' && (
            <Button
              variant="default"
              onClick={() => {
                void backUpNow(connection.id);
                navigate(paths.backups(connection.id));
              }}
            >
              Back up {connection.name} now
            </Button>
          )}
          <Button
            variant={one.kind === 'interrupted' ? 'default' : 'subtle'}
            color={one.kind === 'interrupted' ? undefined : 'gray'}
            onClick={() => navigate(paths.backups(connection.id))}
          >
            Backups
          </Button>
        </>
      );
    case 'retry':
      return (
        <>
          <Button
            variant="default"
            disabled={connection.read_only}
            onClick={() => askRun({ channel: 'migration:retry', connection: connection.id })}
          >
            Retry on {connection.name}
          </Button>
          {ways}
          {mark}
        </>
      );
    case 'open':
      return (
        <>
          {ways}
          {one.count === 1 || !FLAG[one.kind] ? open : show}
          {one.kind === 'partial' && mark}
        </>
      );
    case 'drift':
      return (
        <Button variant="default" onClick={() => navigate(`${paths.schema(connection.id)}?compare=drift`)}>
          See what differs
        </Button>
      );
    case 'connection':
      return (
        <Button variant="default" onClick={() => navigate(paths.connection(connection.id))}>
          Connection settings
        </Button>
      );
    default:
      if (one.count === 1 && one.kind === 'edited') {
        return (
          <Button variant="default" onClick={() => first && navigate(paths.editor(connection.id, first))}>
            See what changed
          </Button>
        );
      }
      return show;
  }
}
