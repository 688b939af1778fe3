/** The files of an event, all of them; the first hundreds at once. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { isErrorShape } from '../../api/invoke';
import type { EventFile, TimelineEvent } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { StatusBadge } from '../../components/StatusBadge';
import { formatCount, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './details.module.css';
import { TimeBar } from './EventCard';
import { FileStatus } from './FileStatus';

const AT_ONCE = 200;

export function DetailFiles({ event, known }: { event: TimelineEvent; known: boolean }) {
  const [shown, setShown] = useState(AT_ONCE);
  const longest = Math.max(0, ...event.files.map((one) => one.duration_ms ?? 0)) || null;
  return (
    <section aria-label="Files">
      <h3 className={classes.heading}>{plural(event.files_total, 'file')}</h3>
      <ul className={classes.files}>
        {event.files.slice(0, shown).map((one) => (
          <File
            key={`${one.filename} ${one.status}`}
            one={one}
            longest={longest}
            to={known ? paths.editor(event.connection, one.filename) : null}
          />
        ))}
      </ul>
      {event.files.length > shown && (
        <Button variant="subtle" color="gray" onClick={() => setShown(shown + AT_ONCE * 5)}>
          Show more of the {formatCount(event.files.length)}
        </Button>
      )}
    </section>
  );
}

function File({ one, longest, to }: { one: EventFile; longest: number | null; to: string | null }) {
  const changed = one.now !== null && one.now !== statusThen(one.status);
  return (
    <li className={classes.file}>
      <div className={classes.fileLine}>
        <FileStatus status={one.status} />
        {to ? (
          <Link className={`mono truncate ${classes.fileName}`} to={to} title={one.filename}>
            {one.filename}
          </Link>
        ) : (
          <span className={`mono truncate ${classes.fileName}`}>{one.filename}</span>
        )}
        {one.duration_ms !== null && <TimeBar ms={one.duration_ms} longestMs={longest} />}
      </div>
      {changed && one.now && (
        <div className={`faint ${classes.now}`}>
          now <StatusBadge status={one.now} plain />
        </div>
      )}
      {one.reconciled && (
        <div className={`faint ${classes.now}`}>Read from the database afterwards, not seen.</div>
      )}
      {isErrorShape(one.error) && <ErrorPanel error={one.error} compact />}
      {one.landed.length > 0 && (
        <div className={classes.landed}>
          <span className="dim">Stayed in the database:</span>
          {one.landed.map((object) => (
            <code key={object}>{object}</code>
          ))}
        </div>
      )}
    </li>
  );
}

/** What a file was after the event, if nothing happened since. */
const statusThen = (status: string) =>
  status === 'applied' ? 'applied' : status === 'failed' ? 'failed' : 'pending';
