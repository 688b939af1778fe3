/** A backup, a check or a restore while it runs: what it does now, how far it is, and the way to stop it. */
import { Button, Loader, Progress } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import type { LiveJob } from '../../api/jobs';
import { formatDuration } from '../../lib/format';
import { useCancel } from '../run/cancel';
import { useNow } from '../run/useNow';
import classes from './backup.module.css';
import { doingWord } from './words';

export function JobProgress({ job, target }: { job: LiveJob; target: string }) {
  const now = useNow(true);
  const { cancel, asked } = useCancel(job);
  const known = job.total > 0;
  return (
    <section className={classes.job} aria-label={`${doingWord(job.channel)} ${target}`}>
      <div className={classes.jobLine}>
        <Loader size={15} aria-hidden />
        <strong role="status">
          {doingWord(job.channel)} {target}
        </strong>
        {job.message && <span className="truncate dim">{job.message}</span>}
        <span className={`tabular dim ${classes.right}`}>
          {known && `${Math.floor((100 * Math.min(job.done, job.total)) / job.total)} % · `}
          {formatDuration(Math.max(0, now - job.since))}
        </span>
        {job.cancellable && (
          <Button
            variant="default"
            disabled={asked}
            aria-label={asked ? 'Cancelling…' : `Cancel ${cancelled(job.channel)}`}
            leftSection={<IconPlayerStop size={14} />}
            onClick={cancel}
          >
            {asked ? 'Cancelling…' : 'Cancel'}
          </Button>
        )}
      </div>
      <Progress
        value={known ? (100 * job.done) / job.total : 100}
        animated={!known}
        size={4}
        aria-label="Progress"
      />
    </section>
  );
}

const cancelled = (channel: string) =>
  channel === 'backup:restore'
    ? 'the restore'
    : channel === 'backup:verify'
      ? 'the check'
      : channel === 'failure:resolve'
        ? 'it'
        : 'the backup';
