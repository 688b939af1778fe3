/** The connection's migrations as they are now: files, table and ledger, and what a run is doing to them. */
import { keepPreviousData, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { isRun, useJobs } from '../../api/jobs';
import { refresh, useChannel } from '../../api/queries';

// The bare tools may run in the same folder: events do not tell of them, so the table is looked at now and then.
const POLL_MS = 4000;
// A long list is costly to send, so it is looked at less often.
const LONG_LIST = 2500;
const POLL_LONG_MS = 12_000;

export function useMigrations(connection: string) {
  const client = useQueryClient();
  const running = useJobs(connection).find((job) => isRun(job) && job.state === 'running');
  const status = useChannel(
    'migration:status',
    { connection },
    {
      staleTime: 2000,
      // While a run is under way the events tell, and the database is left in peace.
      refetchInterval: ({ state }) =>
        running ? false : (state.data?.migrations.length ?? 0) > LONG_LIST ? POLL_LONG_MS : POLL_MS,
    },
  );
  const mark = status.data && `${status.data.applied} ${status.data.pending} ${status.data.failed}`;
  // The header counts with a query of its own: what the look above found new, it shall see too.
  useEffect(() => {
    if (mark) void refresh(client, ['migration:list'], connection);
  }, [client, connection, mark]);
  const states = useMemo(
    () => new Map(running?.files.map((file) => [file.filename, file.state]) ?? []),
    [running?.files],
  );
  return { status, running, states };
}

/** The filenames that match what is typed; null while nothing is. What was found before stays until the next is there. */
export function useTyped(connection: string, query: string): ReadonlySet<string> | null {
  const wanted = query.trim();
  const { data } = useChannel(
    'migration:find',
    { connection, query: wanted },
    { enabled: wanted !== '', placeholderData: keepPreviousData },
  );
  return useMemo(() => (wanted !== '' && data ? new Set(data.filenames) : null), [wanted, data]);
}
