/** What the server is doing for the run: at work and how far, or waiting and for whom. */
import { Progress } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import type { ActivitySession } from '../../api/events';
import type { LiveJob } from '../../api/jobs';
import classes from './Activity.module.css';
import { useNow } from './useNow';
import { Waiting } from './Waiting';
import { countsOf, timeOf, waitedOf } from './waitWords';

export function Activity({ job, target }: { job: LiveJob; target: string }) {
  const now = useNow(true);
  const since = now - job.seenAt;
  // What waits is what the user must know of.
  const sessions = [...job.sessions].sort((a, b) => Number(b.waiting) - Number(a.waiting));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className={classes.activity} aria-label="What the server is doing" tabIndex={0}>
      {sessions.map((session) =>
        session.waiting ? (
          <Waiting
            key={session.session_id}
            job={job}
            session={session}
            target={target}
            waited={waitedOf(session, since)}
          />
        ) : (
          <Working key={session.session_id} session={session} time={waitedOf(session, since)} />
        ),
      )}
    </section>
  );
}

function Working({ session, time }: { session: ActivitySession; time: number | null }) {
  const share = typeof session.progress === 'number' ? 100 * session.progress : null;
  const phase = session.phase && !session.state.includes(session.phase) ? session.phase : null;
  return (
    <article className={classes.working}>
      <div className={classes.line}>
        <IconPlayerPlay size={15} className={classes.blue} aria-hidden />
        <strong>{session.state.replace(/\.$/, '')}</strong>
        {phase && <span className="dim">{phase}</span>}
        <span className={`tabular dim ${classes.right}`}>{timeOf(time)}</span>
      </div>
      {share !== null && (
        <div className={classes.progress}>
          <Progress
            value={share}
            size={6}
            radius={3}
            aria-label={`Progress of session ${session.session_id}`}
          />
          <span className="tabular">{Math.floor(share)} %</span>
        </div>
      )}
      <div className="faint tabular">
        {[countsOf(session), `session ${session.session_id.replace(/^process /, 'of process ')}`]
          .filter(Boolean)
          .join(' · ')}
      </div>
      {session.note && <p className={classes.note}>{session.note}</p>}
      {session.query?.trim() && <pre className={classes.query}>{session.query.trim()}</pre>}
    </article>
  );
}
