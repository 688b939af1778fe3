/** A rehearsal while it runs: what it does now, how far it is, and what it said so far. */
import { Progress as Bar, Button, Loader } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import type { LiveJob } from '../../../api/jobs';
import { formatCount, formatDuration } from '../../../lib/format';
import { useCancel } from '../../run/cancel';
import { useNow } from '../../run/useNow';
import classes from './rehearsal.module.css';

const LINES = 200;

export function Progress({ job }: { job: LiveJob }) {
  const now = useNow(true);
  const { cancel, asked } = useCancel(job);
  return (
    <section className={classes.progress} aria-label="Rehearsal">
      <div className={classes.progressHead}>
        <Loader size={15} aria-hidden />
        <strong role="status">{job.message || 'Getting the scratch ready…'}</strong>
        <span className={`tabular dim ${classes.elapsed}`}>
          {job.total > 0 && `${formatCount(job.done)} of ${formatCount(job.total)} · `}
          {formatDuration(Math.max(0, now - job.since))}
        </span>
        {job.cancellable && (
          <Button
            variant="default"
            disabled={asked}
            leftSection={<IconPlayerStop size={14} />}
            onClick={cancel}
          >
            {asked ? 'Cancelling…' : 'Cancel the rehearsal'}
          </Button>
        )}
      </div>
      <Bar
        value={job.total > 0 ? (100 * job.done) / job.total : 100}
        animated={job.total === 0}
        size={4}
        aria-label="Progress of the rehearsal"
      />
      {job.log.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <section className={`mono ${classes.log}`} aria-label="Log" tabIndex={0}>
          {job.log.slice(-LINES).join('\n')}
        </section>
      )}
      <p className="dim">You can close this panel: the rehearsal goes on, and tells you when it has ended.</p>
    </section>
  );
}
