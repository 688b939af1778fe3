/** Everything about one event, beside the timeline: its files, errors and facts, and the way back to it. */
import { Button, Drawer, Loader } from '@mantine/core';
import { IconHistory, IconRotate2 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useConnections } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection, EventDetails } from '../../api/types.generated';
import { BackupLink, RestoreButton } from '../../components/backup/BackupLink';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { WaysOutButton } from '../../components/failure/WaysOutButton';
import { EventBadge } from '../../components/overview/EventIcon';
import { ofEvent, titleOf } from '../../components/overview/words';
import { askRun, type RunQuestion } from '../../components/run/ask';
import { formatDuration, formatExact, plural } from '../../lib/format';
import { DetailFiles } from './DetailFiles';
import classes from './details.module.css';

export function Details({ id, onClose }: { id: string | null; onClose(): void }) {
  const { data, error, refetch } = useChannel(
    'timeline:event',
    { id: id ?? '' },
    { enabled: id !== null, staleTime: 0 },
  );
  const shown = data?.event.id === id ? data : undefined;
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size={560}
      title={shown ? titleOf(ofEvent(shown.event)) : 'Event'}
      closeButtonProps={{ 'aria-label': 'Close the details' }}
      classNames={{ title: classes.title, body: classes.body }}
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
      {!shown && !error && (
        <div className={classes.loading}>
          <Loader aria-label="Reading the event" />
        </div>
      )}
      {shown && <Body details={shown} onClose={onClose} />}
    </Drawer>
  );
}

function Body({ details, onClose }: { details: EventDetails; onClose(): void }) {
  const { event } = details;
  const { data } = useConnections();
  const connection = data?.connections.find((one) => one.id === event.connection);
  return (
    <>
      <div className={classes.badges}>
        <EventBadge status={event.status} />
        <span className="truncate">{connection?.name ?? event.connection}</span>
        {connection && <EnvironmentTag environment={connection.environment} short />}
      </div>
      {connection && <Actions details={details} connection={connection} onClose={onClose} />}
      <Facts details={details} onClose={onClose} />
      <DetailFiles event={event} known={connection !== undefined} />
      {details.output && (
        <details className={classes.output}>
          <summary>What the tool said</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls. */}
          <pre tabIndex={0}>{details.output}</pre>
        </details>
      )}
    </>
  );
}

interface ActionsProps {
  details: EventDetails;
  connection: Connection;
  onClose(): void;
}

function Actions({ details, connection, onClose }: ActionsProps) {
  const { event, redo } = details;
  const ask = (question: Omit<RunQuestion, 'connection'>) => {
    // The plan is a dialog of its own: one at a time.
    onClose();
    askRun({ ...question, connection: connection.id });
  };
  const failed = event.problem && event.problem.now !== 'applied' ? event.problem : null;
  if (!event.rollback_point && !redo && !event.backup_id && !failed) return null;
  const isProduction = connection.environment === 'production';
  return (
    <div className={classes.actions}>
      {failed && <WaysOutButton connection={connection.id} version={failed.filename} onAsk={onClose} />}
      {event.backup_id && (
        <RestoreButton
          connection={connection.id}
          id={event.backup_id}
          label="Restore the backup from before it…"
          onAsk={onClose}
        />
      )}
      {event.rollback_point && (
        <Button
          variant="default"
          color={isProduction ? 'red' : undefined}
          disabled={connection.read_only}
          leftSection={<IconRotate2 size={15} />}
          onClick={() => ask({ channel: 'migration:down', to: event.rollback_point ?? undefined })}
        >
          Roll {connection.name} back to here ({plural(event.rollback_count, 'migration')})
        </Button>
      )}
      {redo && (
        <Button
          variant="default"
          disabled={connection.read_only}
          leftSection={<IconHistory size={15} />}
          onClick={() => ask({ channel: 'migration:redo', versions: [redo] })}
        >
          Redo on {connection.name}
        </Button>
      )}
    </div>
  );
}

function Facts({ details, onClose }: { details: EventDetails; onClose(): void }) {
  const { event } = details;
  const who = [event.author, event.os_user && event.os_user !== event.author && `as ${event.os_user}`]
    .filter(Boolean)
    .join(' ');
  const tool = [details.tool, details.tool_version].filter(Boolean).join(' ');
  return (
    <dl className={classes.facts}>
      <Fact name="When">{event.at ? formatExact(event.at) : 'The table does not tell'}</Fact>
      {event.kind !== 'elsewhere' && (
        <Fact name="Took">{formatDuration(event.duration_ms) ?? 'Not measured'}</Fact>
      )}
      {who && <Fact name="Who">{who}</Fact>}
      {event.host && <Fact name="Host">{event.host}</Fact>}
      {tool && <Fact name="Tool">{tool}</Fact>}
      {details.app_version && <Fact name="DB Toolkit">{details.app_version}</Fact>}
      {details.git_commit && (
        <Fact name="Commit">
          <span className="mono">{details.git_commit.slice(0, 12)}</span>
        </Fact>
      )}
      {event.backup_id && (
        <Fact name="Backup">
          <BackupLink connection={event.connection} id={event.backup_id} onOpen={onClose}>
            Made before it
          </BackupLink>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
