/** Comments on migrations: one small file a folder, so all of them are read at once. */
import { useMemo } from 'react';
import { useChannel } from './queries';

export const useComments = (connection: string, enabled = true) =>
  useChannel('comment:list', { connection, version: null }, { enabled, placeholderData: (before) => before });

/** How many each version has. */
export function useCommentCounts(connection: string): ReadonlyMap<string, number> {
  const { data } = useComments(connection);
  return useMemo(() => {
    const counts = new Map<string, number>();
    for (const one of data?.comments ?? []) counts.set(one.version, (counts.get(one.version) ?? 0) + 1);
    return counts;
  }, [data]);
}
