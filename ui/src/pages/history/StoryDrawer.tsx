/** Everything that happened to one migration: its runs, and how its text changed between them. */
import { Button, Drawer, Loader, Switch } from '@mantine/core';
import { IconFileDiff } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useChannel } from '../../api/queries';
import type { StoryEvent } from '../../api/types.generated';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { formatDuration, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './history.module.css';
import { isEnvironment, When } from './Table';
import { whatOf } from './words';

interface Props {
  connection: string;
  version: string | null;
  onClose(): void;
  onRun(runId: string): void;
}

export function StoryDrawer({ connection, version, onClose, onRun }: Props) {
  const [shared, setShared] = useState(true);
  const { data, error, refetch } = useChannel(
    'history:file',
    { connection, version: version ?? '', shared },
    { enabled: version !== null },
  );
  const story = version === null ? undefined : data;
  return (
    <Drawer
      opened={version !== null}
      onClose={onClose}
      position="right"
      size="min(680px, 92vw)"
      title={story ? `History of ${story.name || story.filename}` : 'History of a file'}
      closeButtonProps={{ 'aria-label': 'Close the history of the file' }}
      classNames={{ content: classes.drawer, body: classes.drawerBody, header: classes.drawerHeader }}
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!story && !error && <Loader aria-label="Reading the history" />}
      {story && (
        <div className={classes.scrollPanel}>
          <div className={classes.storyHead}>
            <Link className="mono truncate" to={paths.editor(connection, story.filename)}>
              {story.filename}
            </Link>
            <span className="dim">{plural(story.total, 'time')}</span>
            <Switch
              label="All environments"
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          </div>
          <ol className={classes.story}>
            {story.events.map((event) => (
              <Event
                key={event.run.run_id}
                event={event}
                several={story.connections.length > 1}
                onRun={onRun}
              />
            ))}
          </ol>
        </div>
      )}
    </Drawer>
  );
}

function Event({ event, several, onRun }: { event: StoryEvent; several: boolean; onRun(id: string): void }) {
  const { run, file } = event;
  return (
    <li className={classes.event} data-status={file.status}>
      <div className={classes.eventHead}>
        <OutcomeBadge outcome={file.status} plain />
        {several && (
          <span className={classes.inline}>
            on {run.connection_name}
            {isEnvironment(run.environment) && <EnvironmentTag environment={run.environment} short />}
          </span>
        )}
        <span className="dim">
          <When run={run} />
        </span>
        <span className={`dim truncate ${classes.grow}`}>{run.author}</span>
        <span className="tabular dim">{formatDuration(file.duration_ms) ?? '–'}</span>
        <Button
          variant="subtle"
          color="gray"
          aria-label={`Open: ${whatOf(run)}`}
          onClick={() => onRun(run.run_id)}
        >
          Open
        </Button>
      </div>
      {typeof file.error?.message === 'string' && <p className={classes.eventError}>{file.error.message}</p>}
      {event.edited && <Edit diff={event.diff} leftOut={event.diff_left_out} />}
    </li>
  );
}

function Edit({ diff, leftOut }: { diff: string | null; leftOut: boolean }) {
  const lines = diff?.split('\n').slice(2) ?? [];
  const isChange = (line: string) => /^[+-]/.test(line);
  return (
    <details className={classes.edit}>
      <summary>
        <IconFileDiff size={14} aria-hidden /> The file had been edited
        {lines.length > 0 && (
          <span className="dim">{plural(lines.filter(isChange).length, 'line')} changed</span>
        )}
      </summary>
      {lines.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        // biome-ignore lint/a11y/useSemanticElements: lines as they are, in a part of the page with a name.
        <pre className={classes.diff} tabIndex={0} role="region" aria-label="What changed">
          {lines.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity, and never move.
            <span key={at} data-mark={line[0]}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      ) : (
        <p className={classes.quiet}>
          {leftOut ? 'The texts are too large to compare here.' : 'The texts that ran were not kept.'}
        </p>
      )}
    </details>
  );
}
