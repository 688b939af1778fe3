/** The timeline in pages: the days are known at once, the events of a page when it comes into sight. */
import { keepPreviousData, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { onEvent } from '../../api/events';
import { invoke } from '../../api/invoke';
import { channelKey, refresh, useChannel } from '../../api/queries';
import type { TimelineEvent } from '../../api/types.generated';
import { layOut } from './layout';
import { statusesOf, within, type Zoom } from './zoom';

export const PAGE = 100;
const WAIT_S = 0.6;
const LIVE_MS = 1200;

export function useTimeline(connection: string | null, zoom: Zoom) {
  const which = useMemo(
    () => ({
      connection,
      statuses: statusesOf(zoom),
      authors: zoom.author ? [zoom.author] : [],
      query: zoom.query || null,
    }),
    [connection, zoom],
  );
  const overview = useChannel(
    'timeline:overview',
    { ...which, wait_s: WAIT_S },
    { staleTime: 0, placeholderData: keepPreviousData },
  );
  const days = overview.data?.days;
  const layout = useMemo(() => layOut(within(days ?? [], zoom)), [days, zoom]);

  const [pages, setPages] = useState<number[]>([0]);
  // A new object for every change of what is shown: then the first page again.
  const request = useMemo(
    () => ({ ...which, from_day: zoom.from, to_day: zoom.to, limit: PAGE, wait_s: WAIT_S }),
    [which, zoom],
  );
  const answers = useQueries({
    queries: pages.map((page) => {
      const payload = { ...request, offset: page * PAGE };
      return {
        queryKey: channelKey('timeline:show', payload),
        queryFn: () => invoke('timeline:show', payload),
        enabled: overview.data !== undefined,
        staleTime: 15_000,
        placeholderData: keepPreviousData,
      };
    }),
  });
  const byPage = new Map(pages.map((page, at) => [page, answers[at]?.data?.events]));
  const eventOf = (at: number): TimelineEvent | undefined => byPage.get(Math.floor(at / PAGE))?.[at % PAGE];

  /** Events `first` to `last` come into sight. */
  const see = useCallback((first: number, last: number) => {
    const from = Math.floor(Math.max(0, first) / PAGE);
    const to = Math.floor(Math.max(0, last) / PAGE);
    const wanted = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    setPages((before) => (before.join() === wanted.join() ? before : wanted));
  }, []);

  useLive(connection);
  return {
    overview,
    layout,
    eventOf,
    see,
    error: overview.error ?? answers.find((one) => one.error)?.error ?? null,
  };
}

/** A run that is under way appears and moves on; its end is told by `migrations:changed`. */
function useLive(connection: string | null) {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onEvent('job:file', () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void refresh(client, ['timeline:show', 'timeline:overview'], connection ?? undefined);
      }, LIVE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client, connection]);
}
