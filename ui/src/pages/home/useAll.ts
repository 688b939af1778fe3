/** All connections as rows, and kept fresh one row at a time: what changed on one does not ask every database. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onEvent } from '../../api/events';
import { invoke } from '../../api/invoke';
import { channelKey, useChannel } from '../../api/queries';
import type { AllConnections, ConnectionSummary } from '../../api/types.generated';

const WAIT_S = 0.3;
const TOGETHER_MS = 120;
const REQUEST = { wait_s: WAIT_S };

export function useAll() {
  const client = useQueryClient();
  const query = useChannel('dashboard:all', REQUEST, { staleTime: 0, refetchOnWindowFocus: false });
  useEffect(() => {
    const key = channelKey('dashboard:all', REQUEST);
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const only = [...waiting];
      waiting.clear();
      // A row that cannot be had stays as it is; the next visit asks for all.
      const fresh = await invoke('dashboard:all', { only, wait_s: WAIT_S }).catch(() => null);
      if (!fresh) return;
      const known = client.getQueryData<AllConnections>(key);
      if (known && isSameSet(known, fresh, only)) client.setQueryData(key, merge(known, fresh));
      else void client.invalidateQueries({ queryKey: key });
    };
    const changed = ({ connection }: { connection: string }) => {
      waiting.add(connection);
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), TOGETHER_MS);
    };
    const stops = [
      onEvent('dashboard:changed', changed),
      onEvent('migrations:changed', changed),
      onEvent('database:changed', changed),
      onEvent('connection:changed', changed),
    ];
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [client]);
  return query;
}

const rowsOf = (all: AllConnections): ConnectionSummary[] => all.projects.flatMap((one) => one.connections);

/** Neither a connection that came nor one that went: then rows can be exchanged in place. */
function isSameSet(known: AllConnections, fresh: AllConnections, only: string[]): boolean {
  const had = new Set(rowsOf(known).map((one) => one.connection));
  const has = new Set(rowsOf(fresh).map((one) => one.connection));
  return only.every((one) => had.has(one) === has.has(one) && had.has(one));
}

export function merge(known: AllConnections, fresh: AllConnections): AllConnections {
  const rows = new Map(rowsOf(fresh).map((one) => [one.connection, one]));
  return {
    ...known,
    projects: known.projects.map((project) => ({
      ...project,
      connections: project.connections.map((one) => rows.get(one.connection) ?? one),
    })),
  };
}
