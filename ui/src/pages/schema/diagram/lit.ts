/** Which table the pointer or the focus is on. Boxes and lines watch it, so that the canvas itself is not drawn anew. */
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
