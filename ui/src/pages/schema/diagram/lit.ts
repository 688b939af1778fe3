/** Which table the pointer is on. Boxes and lines watch it, so that the canvas itself is not drawn anew. */
import { useSyncExternalStore } from 'react';
import { createStore } from '../../../lib/store';

export interface Lit {
  table: string | null;
  neighbours: ReadonlySet<string>;
}

const NOTHING: Lit = { table: null, neighbours: new Set() };

export const lit = createStore<Lit>(NOTHING);

export function light(table: string, edges: ReadonlyArray<{ table: string; to_table: string }>) {
  const neighbours = new Set<string>();
  for (const edge of edges) {
    if (edge.table === table) neighbours.add(edge.to_table);
    if (edge.to_table === table) neighbours.add(edge.table);
  }
  lit.set({ table, neighbours });
}

export const unlight = () => lit.set(NOTHING);

export type Mood = 'lit' | 'near' | 'dim' | null;

/** How a table stands to the one the pointer is on. A box is drawn anew only where that changes. */
export const useMood = (table: string): Mood => {
  const mood = () => {
    const now = lit.get();
    if (now.table === null) return null;
    if (now.table === table) return 'lit';
    return now.neighbours.has(table) ? 'near' : 'dim';
  };
  return useSyncExternalStore(lit.subscribe, mood, mood);
};
