/** What a page holds while the user is elsewhere: the tab of a connection remembers its selection, its place, its sizes. */
import { useCallback, useState } from 'react';
import { useLocation } from 'react-router';
import { pageOf } from './paths';

const kept = new Map<string, unknown>();

const keyOf = (pathname: string, name: string) => `${pageOf(pathname)?.connection ?? ''} ${name}`;

/**
 * `useState` whose value is there again when the page is: as long as the tab of its connection is open and the app is
 * not reloaded. `name` is unique within the connection: `migrations.selection`.
 */
export function useKept<T>(name: string, initial: T): [T, (next: T | ((before: T) => T)) => void] {
  const key = keyOf(useLocation().pathname, name);
  const [value, setValue] = useState<T>(() => (kept.has(key) ? (kept.get(key) as T) : initial));
  const set = useCallback(
    (next: T | ((before: T) => T)) =>
      setValue((before) => {
        const after = typeof next === 'function' ? (next as (before: T) => T)(before) : next;
        kept.set(key, after);
        return after;
      }),
    [key],
  );
  return [value, set];
}

/** The tab of a connection was closed (or, without one, everything is forgotten). */
export function forgetKept(connection?: string): void {
  for (const key of [...kept.keys()])
    if (connection === undefined || key.startsWith(`${connection} `)) kept.delete(key);
}
