/** A batch that stopped before its end, and the way on. */
import { ActionIcon, Button } from '@mantine/core';
import { IconPlayerSkipForward, IconPlayerTrackNext, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useChannel } from '../../api/queries';
import type { Connection, Resumable } from '../../api/types.generated';
import { RelativeTime } from '../../components/RelativeTime';
import { askRun } from '../../components/run/ask';
import { formatCount, plural } from '../../lib/format';
import classes from './migrations.module.css';

interface Props {
  connection: Connection;
  /** Whether there is something that can have stopped. */
  isQuiet: boolean;
}

export function ResumeBanner({ connection, isQuiet }: Props) {
  const { data } = useChannel('migration:last-batch', { connection: connection.id }, { enabled: isQuiet });
  const [hidden, setHidden] = useState<string | null>(null);
  const batch = data?.batch;
  // One file that failed by itself says so in its row.
  if (!isQuiet || !batch || batch.planned < 2 || batch.left.length === 0 || hidden === batch.run_id)
    return null;
  return (
    <div className={`${classes.banner} ${classes.quietBanner}`} role="status">
      <IconPlayerSkipForward size={16} aria-hidden />
      <span>
        {wordsOf(batch)}
        {batch.started_at && (
          <span className="dim">
            {' '}
            · <RelativeTime at={batch.started_at} />
          </span>
        )}
      </span>
      <Button
        variant="default"
        disabled={connection.read_only}
        leftSection={<IconPlayerTrackNext size={14} />}
        onClick={() => resume(connection.id, batch)}
      >
        Resume {formatCount(batch.left.length)} on {connection.name}
      </Button>
      <ActionIcon aria-label="Hide this" onClick={() => setHidden(batch.run_id)}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}

const resume = (connection: string, batch: Resumable) =>
  askRun({
    channel: 'migration:resume',
    connection,
    runId: batch.run_id,
    versions: batch.left,
    direction: batch.direction,
  });

const ENDS: Record<string, string> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  interrupted: 'was interrupted',
};

function wordsOf({ state, direction, planned, done, failed, left }: Resumable): string {
  const what = direction === 'up' ? 'batch' : 'rollback';
  const at = state !== 'cancelled' && failed[0] ? ` at ${failed[0]}` : '';
  const ran = `${formatCount(done.length)} of ${plural(planned, 'migration')} ran`;
  const rest = `${formatCount(left.length)} ${left.length === 1 ? 'is' : 'are'} left.`;
  return `The last ${what} ${ENDS[state] ?? 'stopped'}${at}: ${ran}, ${rest}`;
}
