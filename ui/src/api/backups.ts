/** Backups as the pages read them, and the jobs that make, check and restore them. */
import { notifyError } from '../components/notify';
import { useConnections } from './connections';
import { ChannelError, type Request } from './invoke';
import { jobs, type LiveJob, runJob, useJobs } from './jobs';
import { useChannel } from './queries';
import { useSettings } from './settings';
import type { BackupSettings, Connection, Direction, Job } from './types.generated';

export const useBackups = (connection: string, enabled = true) =>
  useChannel('backup:list', { connection }, { enabled, placeholderData: (before) => before });

const BACKUP_JOBS = new Set(['backup:create', 'backup:verify', 'backup:restore']);

export const isBackupJob = (job: Pick<Job, 'channel'>) => BACKUP_JOBS.has(job.channel);

/** Backups of a connection that are being made, read or restored now, or were, newest first. */
export const useBackupJobs = (connection: string): LiveJob[] => useJobs(connection).filter(isBackupJob);

export const isBackingUp = (connection: string): boolean =>
  [...jobs.get().values()].some(
    (job) => job.channel === 'backup:create' && job.connection === connection && job.state === 'running',
  );

/** Back up now. The page shows how it goes and how it ended, so nothing is thrown for what the backend refuses. */
export async function backUpNow(connection: string): Promise<void> {
  if (isBackingUp(connection)) return;
  await quietly(() => runJob('backup:create', { connection }));
}

export const verifyBackup = (request: Request<'backup:verify'>) =>
  quietly(() => runJob('backup:verify', request));

async function quietly(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (problem) {
    // The job stays in the store as failed, and is shown from there.
    if (!(problem instanceof ChannelError)) notifyError(problem);
  }
}

/** The app's settings with the connection's own over them; undefined while they load. */
export function useBackupSettings(connection: Connection): BackupSettings | undefined {
  const app = useSettings()?.backups;
  return app && withOverrides(app, connection);
}

export function withOverrides(app: BackupSettings, { backups }: Pick<Connection, 'backups'>): BackupSettings {
  const own = Object.entries(backups ?? {}).filter(([, value]) => value !== null);
  return { ...app, ...Object.fromEntries(own) };
}

/** Whether the settings want a backup before such a run. */
export function isDue(settings: BackupSettings, connection: Connection, direction: Direction): boolean {
  const when = direction === 'up' ? settings.before_up : settings.before_down;
  return when === 'always' || (when === 'production' && connection.environment === 'production');
}

/** The name of a connection by its id. */
export function useConnectionName(id: string | null | undefined): string {
  const { data } = useConnections();
  return data?.connections.find((one) => one.id === id)?.name ?? id ?? '';
}
