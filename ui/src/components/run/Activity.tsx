/** What the server is doing for the run: whom it waits for, and who that is. */
import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy, IconHourglass, IconLock } from '@tabler/icons-react';
import type { ActivitySession } from '../../api/events';
import { formatDuration } from '../../lib/format';
import classes from './Panel.module.css';

interface Blocker {
  session_id?: string | number;
  user?: string | null;
  application?: string | null;
  query?: string | null;
  since_s?: number | null;
  object?: string | null;
}

export function Activity({ sessions }: { sessions: ActivitySession[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className={classes.activity} aria-label="What the server is doing" tabIndex={0}>
      {sessions.map((session) => (
        <Session key={session.session_id} session={session} />
      ))}
    </section>
  );
}

function Session({ session }: { session: ActivitySession }) {
  const blockers = session.blockers.map(blockerOf);
  const Icon = session.waiting ? IconLock : IconHourglass;
  return (
    <article className={classes.session}>
      <div className={classes.sessionHead}>
        <Icon size={15} className={session.waiting ? classes.amber : 'dim'} aria-hidden />
        <strong>{session.state}</strong>
        <span className="faint tabular">session {session.session_id}</span>
        {typeof session.progress === 'number' && (
          <span className="dim tabular">{Math.round(session.progress * 100)} %</span>
        )}
        <span className={classes.right}>
          <CopyButton value={detailsOf(session, blockers)} timeout={1500}>
            {({ copied, copy }) => (
              <Button
                variant="subtle"
                color="gray"
                onClick={copy}
                leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              >
                {copied ? 'Copied' : 'Copy details'}
              </Button>
            )}
          </CopyButton>
        </span>
      </div>
      {session.query?.trim() && <pre className={classes.query}>{session.query.trim()}</pre>}
      {blockers.map((blocker) => (
        <div key={String(blocker.session_id)} className={classes.blocker}>
          <div>
            Blocked by <strong>{whoOf(blocker)}</strong>
            {blocker.object && <> on {blocker.object}</>}
            {typeof blocker.since_s === 'number' && <> for {formatDuration(blocker.since_s * 1000)}</>}
          </div>
          {blocker.query?.trim() && <pre className={classes.query}>{blocker.query.trim()}</pre>}
        </div>
      ))}
    </article>
  );
}

const blockerOf = (blocker: ActivitySession['blockers'][number]): Blocker =>
  typeof blocker === 'object' ? (blocker as Blocker) : { session_id: blocker };

const whoOf = ({ session_id, user, application }: Blocker) =>
  [user, application && `(${application})`, session_id !== undefined && `session ${session_id}`]
    .filter(Boolean)
    .join(' ');

function detailsOf(session: ActivitySession, blockers: Blocker[]): string {
  const lines = [`session ${session.session_id}: ${session.state}`, session.query ?? ''];
  for (const one of blockers) {
    const since = typeof one.since_s === 'number' ? ` for ${formatDuration(one.since_s * 1000)}` : '';
    lines.push(`blocked by ${whoOf(one)}${one.object ? ` on ${one.object}` : ''}${since}`, one.query ?? '');
  }
  return lines.filter(Boolean).join('\n');
}
