/** Reading channels through a cache that the backend's events keep fresh. */
import { QueryClient, type UseQueryOptions, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { onEvent } from './events';
import { type Answer, type Channel, type ChannelError, invoke, type Request } from './invoke';

export const newQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      // The backend is on this machine and answers with reasons: asking again at once would hear the same.
      queries: { retry: false, staleTime: 15_000, gcTime: 10 * 60_000 },
      mutations: { retry: false },
    },
  });

type Key<C extends Channel> = readonly [C, Request<C>];
type Options<C extends Channel, T> = Omit<
  UseQueryOptions<Answer<C>, ChannelError, T, Key<C>>,
  'queryKey' | 'queryFn'
>;

export const channelKey = <C extends Channel>(channel: C, payload: Request<C>): Key<C> => [channel, payload];

/** The answer of a reading channel. `select`, `enabled`, `staleTime`, `placeholderData`… as TanStack Query has them. */
export function useChannel<C extends Channel, T = Answer<C>>(
  channel: C,
  payload: Request<C>,
  options: Options<C, T> = {},
): UseQueryResult<T, ChannelError> {
  return useQuery({
    queryKey: channelKey(channel, payload),
    queryFn: () => invoke(channel, payload),
    ...options,
  });
}

/** Ask again for everything a channel (or a whole noun such as `migration:`) answered, of one connection or of all. */
export function refresh(client: QueryClient, prefixes: string[], connection?: string): Promise<void> {
  return client.invalidateQueries({
    predicate: ({ queryKey: [channel, payload] }) =>
      typeof channel === 'string' &&
      prefixes.some((prefix) => channel.startsWith(prefix)) &&
      (!connection || connectionOf(payload) === undefined || connectionOf(payload) === connection),
  });
}

const connectionOf = (payload: unknown) =>
  (payload as { connection?: string } | undefined)?.connection ?? undefined;

/** Not `dashboard:all`: one change must not ask every database. Its page asks for the row that changed. */
const OVERVIEWS = [
  'dashboard:show',
  'dashboard:risks',
  'schema:drift',
  'timeline:',
  'history:',
  'analytics:',
  'backup:',
  'failure:',
];

/** Let events refresh the cache. Returns how to stop. */
export function refreshOnEvents(client: QueryClient): () => void {
  const stops = [
    onEvent(
      'migrations:changed',
      ({ connection }) =>
        void refresh(client, ['migration:', 'preview:', 'comment:', ...OVERVIEWS], connection),
    ),
    onEvent(
      'connection:changed',
      ({ connection }) => void refresh(client, ['connection:', 'migration:', ...OVERVIEWS], connection),
    ),
    onEvent(
      'database:changed',
      ({ connection }) =>
        void refresh(client, ['schema:', 'migration:', 'preview:', 'connection:test'], connection),
    ),
    onEvent('dashboard:changed', ({ connection }) => void refresh(client, OVERVIEWS, connection)),
    onEvent('settings:changed', () => void refresh(client, ['settings:', 'backup:plan'])),
    onEvent('backups:changed', ({ connection }) => void refresh(client, ['backup:'], connection)),
    // Connections that share the folder share its comments.
    onEvent('comments:changed', () => void refresh(client, ['comment:'])),
    onEvent('job:finished', ({ job }) => {
      if (job.channel.startsWith('backup:')) void refresh(client, ['backup:', 'connection:list']);
      if (job.channel === 'backup:restore' || job.channel.startsWith('failure:'))
        void refresh(client, ['migration:', 'schema:', 'preview:', ...OVERVIEWS]);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
