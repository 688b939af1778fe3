/** What a backup or a restore that ended says where nobody looks at it. Mounted once, with the frame. */
import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';
import { isBackupJob } from '../../api/backups';
import { useConnections } from '../../api/connections';
import { onEvent } from '../../api/events';
import type { Backup, Job, Restored } from '../../api/types.generated';
import { formatBytes } from '../../lib/format';
import { pageOf, paths } from '../../lib/paths';
import { notifyInfo, notifySuccess, notifyWarning } from '../notify';
import { askRestore } from './ask';
import { restoreShown } from './shown';
import { contentOf, failedWord, provenWords } from './words';

export function useBackupNotices(): void {
  const { data } = useConnections();
  const { pathname } = useLocation();
  const latest = useRef({ names: new Map<string, string>(), pathname });
  latest.current = { names: new Map(data?.connections.map((one) => [one.id, one.name])), pathname };
  useEffect(
    () =>
      onEvent('job:finished', ({ job }) => {
        if (!isBackupJob(job) || restoreShown.job === job.job_id || asksFirst(job)) return;
        const connection = job.connection ?? '';
        const place = pageOf(latest.current.pathname);
        const isThere = place?.page === 'backups' && place.connection === connection;
        announce(job, latest.current.names.get(connection) ?? connection, isThere);
      }),
    [],
  );
}

const asksFirst = (job: Job) => (job.error as { code?: string } | null)?.code === 'confirmation_required';

function announce(job: Job, name: string, isThere: boolean): void {
  const connection = job.connection ?? '';
  if (job.state === 'cancelled')
    return void notifyInfo(`${failedWord(job.channel)}: it was cancelled`, `on ${name}`);
  if (job.state === 'failed') {
    // The page shows it with all that can be done about it.
    if (isThere && job.channel !== 'backup:restore') return;
    notifyWarning(
      `${failedWord(job.channel)} on ${name}`,
      (job.error as { message?: string } | null)?.message,
      {
        to: paths.backups(connection),
        label: 'Show the backups',
      },
    );
    return;
  }
  if (job.channel === 'backup:restore') {
    const restored = job.result as unknown as Restored;
    const tell = restored.equal ? notifySuccess : notifyWarning;
    tell(`Restored ${restored.database}`, provenWords(restored), {
      action: {
        label: 'Show the proof',
        run: () => askRestore({ connection, backupId: restored.backup_id, job: job.job_id }),
      },
    });
    return;
  }
  const backup = job.result as unknown as Backup;
  const lead = { to: paths.backups(connection, backup.id), label: 'Show it' };
  if (backup.state === 'damaged')
    notifyWarning(`The backup of ${name} is damaged`, backup.problem ?? undefined, lead);
  else if (job.channel === 'backup:verify')
    notifySuccess('The backup is good', 'Every byte of it was read again.', lead);
  else
    notifySuccess(
      `${name} is backed up`,
      `${contentOf(backup, backup.engine)}, ${formatBytes(backup.size_bytes)}${backup.state === 'good' ? ', read back whole' : ''}`,
      lead,
    );
}
