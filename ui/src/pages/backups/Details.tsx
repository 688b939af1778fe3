/** One backup, beside the list: what is in it, what is not, how to restore it with bare tools, and what can be done. */
import { Drawer, Loader } from '@mantine/core';
import type { LiveJob } from '../../api/jobs';
import { useChannel } from '../../api/queries';
import type { BackupListed, Connection } from '../../api/types.generated';
import { JobProgress } from '../../components/backup/JobProgress';
import { StateBadge } from '../../components/backup/StateBadge';
import { whyOf } from '../../components/backup/words';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Actions } from './Actions';
import classes from './backups.module.css';
import { Contents } from './Contents';
import { Facts } from './Facts';
import { Note } from './Note';

interface Props {
  connection: Connection;
  id: string | null;
  listed: BackupListed | undefined;
  jobs: LiveJob[];
  onClose(): void;
}

export function Details({ connection, id, listed, jobs, onClose }: Props) {
  const { data, error, refetch } = useChannel(
    'backup:get',
    { connection: connection.id, backup_id: id ?? '' },
    { enabled: id !== null, retry: false },
  );
  const backup = data?.id === id ? data : listed;
  const running = jobs.find((job) => job.state === 'running' && job.channel === 'backup:verify');
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size={600}
      title={
        backup ? (
          <span className={classes.drawerTitle}>
            {whyOf(backup)} <StateBadge backup={backup} />
            <EnvironmentTag environment={connection.environment} short />
          </span>
        ) : (
          'A backup'
        )
      }
      closeButtonProps={{ 'aria-label': 'Close the details' }}
      classNames={{ body: classes.drawerBody }}
    >
      {error && !backup && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
      {!backup && !error && id !== null && <Loader aria-label="Reading the backup" />}
      {backup && (
        <>
          {running && <JobProgress job={running} target={connection.name} />}
          {backup.state === 'damaged' && (
            <ErrorPanel
              error={{
                code: 'backup_damaged',
                title: 'This backup is damaged',
                message: backup.problem ?? 'A file of it is missing, or is not what was written.',
                hint: 'Make a new one while the database is as it should be.',
              }}
              compact
            />
          )}
          <Actions connection={connection} backup={backup} isBusy={Boolean(running)} onClose={onClose} />
          <Note key={`${backup.id} ${backup.note}`} connection={connection} backup={backup} />
          <Facts connection={connection} backup={backup} />
          <Contents connection={connection} backup={backup} />
        </>
      )}
    </Drawer>
  );
}
