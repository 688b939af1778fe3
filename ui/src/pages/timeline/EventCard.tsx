/** One event: what became of it, of how many files, how long it took, who did it. Its files unfold under it. */
import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconArchive, IconChevronRight, IconFlag } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useConnections } from '../../api/connections';
import type { TimelineEvent } from '../../api/types.generated';
import { EngineIcon } from '../../components/EngineIcon';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { EventIcon } from '../../components/overview/EventIcon';
import { Person } from '../../components/overview/Person';
import { nameOf, ofEvent, subtitleOf, titleOf } from '../../components/overview/words';
import { formatCount, formatDuration, formatExact, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { FileStatus } from './FileStatus';
import classes from './timeline.module.css';

interface Props {
  event: TimelineEvent;
  at: number;
  isActive: boolean;
  isOpen: boolean;
  longestMs: number | null;
  ofAll: boolean;
  onToggle(): void;
  onOpen(): void;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export function EventCard({ event, at, isActive, isOpen, longestMs, ofAll, onToggle, onOpen }: Props) {
  const happened = ofEvent(event);
  const title = titleOf(happened);
  const said = event.problem?.error?.message;
  const note = typeof said === 'string' ? said : subtitleOf(happened);
  return (
    <div className={classes.event}>
      <span className={`tabular faint ${classes.clock}`}>
        {event.at ? CLOCK.format(new Date(event.at)) : ''}
      </span>
      <span className={classes.node}>
        <EventIcon status={event.status} />
      </span>
      <div className={classes.card} data-active={isActive || undefined} data-status={event.status}>
        <div className={classes.cardLine}>
          <UnstyledButton
            id={`event-${at}`}
            className={classes.open}
            tabIndex={isActive ? 0 : -1}
            onClick={onOpen}
          >
            <span className={classes.titles}>
              <span className={`truncate ${classes.title}`}>{title}</span>
              <span className={`truncate ${classes.subtitle}`} title={note}>
                {note || event.files[0]?.filename}
              </span>
            </span>
            {ofAll && <Where connection={event.connection} />}
            <Marks event={event} />
            {event.kind !== 'elsewhere' && <TimeBar ms={event.duration_ms} longestMs={longestMs} />}
            <span className={classes.who}>
              <Person name={event.author ?? event.os_user} />
            </span>
          </UnstyledButton>
          <ActionIcon
            aria-label={isOpen ? `Hide the files of ${title}` : `Show the files of ${title}`}
            aria-expanded={isOpen}
            tabIndex={-1}
            onClick={onToggle}
          >
            <IconChevronRight size={16} className={isOpen ? classes.turned : classes.turn} />
          </ActionIcon>
        </div>
        {isOpen && <Files event={event} longestMs={longestMs} onOpen={onOpen} />}
      </div>
    </div>
  );
}

function Where({ connection }: { connection: string }) {
  const { data } = useConnections();
  const found = data?.connections.find((one) => one.id === connection);
  return (
    <span className={classes.where}>
      {found && <EngineIcon engine={found.engine} color={found.color} size={18} />}
      <span className="truncate">{found?.name ?? connection}</span>
      {found && found.environment !== 'development' && (
        <EnvironmentTag environment={found.environment} short />
      )}
    </span>
  );
}

function Marks({ event }: { event: TimelineEvent }) {
  const back = `One can go back to here: ${plural(event.rollback_count, 'newer migration')} can be rolled back`;
  return (
    <span className={classes.marks}>
      {event.backup_id && (
        <Tooltip label={`Backup before it: ${event.backup_id}`}>
          <IconArchive size={15} role="img" aria-label={`Backup before it: ${event.backup_id}`} />
        </Tooltip>
      )}
      {event.rollback_point && (
        <Tooltip label={back}>
          <IconFlag size={15} role="img" aria-label={back} />
        </Tooltip>
      )}
    </span>
  );
}

/** By the square root, so that what took a moment is still seen beside what took minutes. */
export function TimeBar({ ms, longestMs }: { ms: number | null; longestMs: number | null }) {
  const words = formatDuration(ms);
  const share = ms && longestMs ? Math.min(1, Math.sqrt(ms / longestMs)) : 0;
  return (
    <span className={classes.time}>
      <span className={classes.timeTrack} aria-hidden>
        <span style={{ width: `${Math.max(share * 100, words ? 3 : 0)}%` }} />
      </span>
      <span className="tabular">{words ?? <span className="faint">–</span>}</span>
    </span>
  );
}

function Files({
  event,
  longestMs,
  onOpen,
}: {
  event: TimelineEvent;
  longestMs: number | null;
  onOpen(): void;
}) {
  return (
    <div className={classes.files}>
      {event.files.map((one) => (
        <div key={`${one.filename} ${one.status}`} className={classes.file}>
          <FileStatus status={one.status} />
          <Link
            className={`truncate ${classes.fileName}`}
            to={paths.editor(event.connection, one.filename)}
            title={one.filename}
          >
            {nameOf(one.filename)}
          </Link>
          {event.kind !== 'elsewhere' && <TimeBar ms={one.duration_ms} longestMs={longestMs} />}
        </div>
      ))}
      {event.files_total > event.files.length && (
        <UnstyledButton className={classes.allFiles} onClick={onOpen}>
          All {formatCount(event.files_total)} files
        </UnstyledButton>
      )}
      <div className={`faint ${classes.fileNote}`}>
        {event.at && formatExact(event.at)}
        {event.host && ` · on ${event.host}`}
      </div>
    </div>
  );
}
