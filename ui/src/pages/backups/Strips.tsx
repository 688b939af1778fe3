/** What is going on: a backup being made, checked or restored; and the last one that failed. */
import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { LiveJob } from '../../api/jobs';
import type { Connection } from '../../api/types.generated';
import { JobProgress } from '../../components/backup/JobProgress';
import { ErrorPanel } from '../../components/ErrorPanel';
import { paths } from '../../lib/paths';
import { createStore, useStore } from '../../lib/store';
import classes from './backups.module.css';

const dismissed = createStore<ReadonlySet<string>>(new Set());

export function Strips({ connection, jobs }: { connection: Connection; jobs: LiveJob[] }) {
  const navigate = useNavigate();
  const gone = useStore(dismissed);
  const running = jobs.filter((job) => job.state === 'running');
  const [newest] = jobs;
  const failed =
    newest?.state === 'failed' &&
    !gone.has(newest.job_id) &&
    !isAsking(newest) &&
    newest.channel !== 'backup:restore'
      ? newest
      : null;
  if (running.length === 0 && !failed) return null;
  return (
    <div className={classes.strips}>
      {running.map((job) => (
        <JobProgress key={job.job_id} job={job} target={connection.name} />
      ))}
      {failed && (
        <ErrorPanel
          error={failed.error}
          connection={connection.id}
          actions={
            <>
              {failed.channel === 'backup:create' && (
                <Button variant="default" onClick={() => navigate(paths.backupSettings(connection.id))}>
                  Backup settings
                </Button>
              )}
              <Button
                variant="subtle"
                color="gray"
                leftSection={<IconX size={14} />}
                onClick={() => dismissed.set((before) => new Set(before).add(failed.job_id))}
              >
                Dismiss
              </Button>
            </>
          }
        />
      )}
    </div>
  );
}

const isAsking = (job: LiveJob) => (job.error as { code?: string } | null)?.code === 'confirmation_required';
