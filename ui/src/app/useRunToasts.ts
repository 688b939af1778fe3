/** A run that ends while its panel is not on the screen is announced, and the announcement leads to it. */
import { useEffect, useRef } from 'react';
import { useConnections } from '../api/connections';
import { onEvent } from '../api/events';
import { isRun, shownJob } from '../api/jobs';
import type { Job, Run } from '../api/types.generated';
import { notifyInfo, notifySuccess, notifyWarning } from '../components/notify';
import { plural } from '../lib/format';

const PANEL_COMES_MS = 400;

const DONE: Record<string, string> = {
  'migration:up': 'applied to',
  'migration:retry': 'applied to',
  'migration:redo': 'run again on',
  'migration:down': 'rolled back on',
  'migration:baseline': 'marked on',
};

export function useRunToasts(): void {
  const { data } = useConnections();
  const names = useRef(new Map<string, string>());
  names.current = new Map(data?.connections.map((one) => [one.id, one.name]));
  useEffect(
    () =>
      onEvent('job:finished', ({ job }) => {
        if (!isRun(job) || asksFirst(job)) return;
        // A run that was quick has ended before its panel is there.
        setTimeout(() => {
          if (shownJob.get() === job.job_id) return;
          announce(job, names.current.get(job.connection ?? '') ?? job.connection ?? '');
        }, PANEL_COMES_MS);
      }),
    [],
  );
}

/** It ended to ask for consent, and will run again once that is given. */
const asksFirst = (job: Job) => (job.error as { code?: string } | null)?.code === 'confirmation_required';

function announce(job: Job, name: string): void {
  const lead = { job: job.job_id };
  if (job.state === 'failed')
    notifyWarning(`The run on ${name} failed`, (job.error as { message?: string } | null)?.message, lead);
  else if (job.state === 'cancelled') notifyInfo(`The run on ${name} was cancelled`, undefined, lead);
  else {
    const files = (job.result as Run | null)?.migrations.length ?? 0;
    notifySuccess(`${plural(files, 'migration')} ${DONE[job.channel] ?? 'run on'} ${name}`, undefined, lead);
  }
}
