/** Which tables are drawn, kept in the address: `show` for each one asked for by name, `depth` for how far around them. */
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

export const SURROUNDINGS = 1;

export interface Shown {
  /** Null: what the backend chooses. */
  tables: string[] | null;
  depth: number;
  /** The table whose details are open. */
  chosen: string | null;
}

export function useShown() {
  const [params, setParams] = useSearchParams();
  const shown = useMemo((): Shown => {
    const tables = params.getAll('show');
    const depth = Number(params.get('depth') ?? 0);
    return {
      tables: tables.length > 0 ? tables : null,
      depth: Number.isInteger(depth) && depth >= 0 && depth <= 9 ? depth : 0,
      chosen: params.get('table'),
    };
  }, [params]);
  const change = useCallback(
    (to: Partial<Shown>) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (to.tables !== undefined) {
            after.delete('show');
            for (const one of to.tables ?? []) after.append('show', one);
          }
          if (to.depth !== undefined) to.depth ? after.set('depth', String(to.depth)) : after.delete('depth');
          if (to.chosen !== undefined) to.chosen ? after.set('table', to.chosen) : after.delete('table');
          return after;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { shown, change };
}
