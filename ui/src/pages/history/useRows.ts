/** A long list by blocks: only the blocks in sight are asked for. */
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useRef } from 'react';
import { type ChannelError, invoke, type Request } from '../../api/invoke';
import { channelKey } from '../../api/queries';
import type { HistoryRun } from '../../api/types.generated';

export const BLOCK = 100;

export interface Rows {
  total: number | null;
  error: ChannelError | null;
  at(index: number): HistoryRun | undefined;
  refetch(): void;
}

export function useRows(wanted: Request<'history:list'>, first: number, last: number): Rows {
  const blocks = new Set([0]);
  for (let block = Math.floor(first / BLOCK); block <= Math.floor(last / BLOCK); block += 1)
    blocks.add(block);
  const numbers = [...blocks].sort((a, b) => a - b);
  const answers = useQueries({
    queries: numbers.map((block) => {
      const payload = { ...wanted, offset: block * BLOCK, limit: BLOCK };
      return {
        queryKey: channelKey('history:list', payload),
        queryFn: () => invoke('history:list', payload),
        placeholderData: keepPreviousData,
      };
    }),
  });
  const known = useRef<number | null>(null);
  const found = answers.find((one) => one.data)?.data;
  if (found) known.current = found.total;
  return {
    total: found ? found.total : known.current,
    error: (answers.find((one) => one.error)?.error as ChannelError | undefined) ?? null,
    at: (index) => {
      const place = numbers.indexOf(Math.floor(index / BLOCK));
      return answers[place]?.data?.rows[index % BLOCK];
    },
    refetch: () => {
      for (const one of answers) void one.refetch();
    },
  };
}
