/** Connections as the frame and the pages read them. */
import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLocation } from 'react-router';
import { ENGINE_LABELS } from '../lib/engines';
import { pageOf } from '../lib/paths';
import type { ChannelError } from './invoke';
import { useChannel } from './queries';
import type { Connection, ConnectionTest, EngineInfo, EngineName } from './types.generated';

export const useConnections = () => useChannel('connection:list', {});

/** The id in the address, or null outside a connection's pages. */
// Asked of the address rather than of the route: the frame stands above the routes that name a connection.
export const useConnectionId = (): string | null => pageOf(useLocation().pathname)?.connection ?? null;

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
  const { data } = useChannel('connection:engines', {}, { staleTime: Number.POSITIVE_INFINITY });
  return useMemo(() => [...(data?.engines ?? [])].sort((a, b) => rank(a) - rank(b)), [data]);
}

// The most used first, as the labels have them.
const rank = (engine: EngineInfo) => Object.keys(ENGINE_LABELS).indexOf(engine.name);

export const useEngine = (engine: EngineName | undefined): EngineInfo | undefined =>
  useEngines().find((one) => one.name === engine);
