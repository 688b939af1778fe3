/** Connections as the frame and the pages read them. */
import type { UseQueryResult } from '@tanstack/react-query';
import { useParams } from 'react-router';
import type { ChannelError } from './invoke';
import { useChannel } from './queries';
import type { Connection, ConnectionTest, EngineInfo, EngineName } from './types.generated';

export const useConnections = () => useChannel('connection:list', {});

/** The id in the address, or null outside a connection's pages. */
export const useConnectionId = (): string | null => useParams().connection ?? null;

/** The connection of the address. Null while it loads or where there is none of that id. */
export function useCurrentConnection(): Connection | null {
  const id = useConnectionId();
  const { data } = useConnections();
  return data?.connections.find((one) => one.id === id) ?? null;
}

/** Whether the server answers, asked at most once a minute. */
export const useReachable = (
  connection: string,
  enabled = true,
): UseQueryResult<ConnectionTest, ChannelError> =>
  useChannel('connection:test', { connection }, { enabled, staleTime: 60_000, refetchOnWindowFocus: false });

export function useEngines(): EngineInfo[] {
  return useChannel('connection:engines', {}, { staleTime: Number.POSITIVE_INFINITY }).data?.engines ?? [];
}

export const useEngine = (engine: EngineName | undefined): EngineInfo | undefined =>
  useEngines().find((one) => one.name === engine);
