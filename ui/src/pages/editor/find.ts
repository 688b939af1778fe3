/** What is looked for in all migrations. It stays while one goes from file to file. */
import { createStore } from '../../lib/store';

export interface Find {
  query: string;
  regex: boolean;
  case: boolean;
  word: boolean;
  half: 'all' | 'up' | 'down';
}

export const find = createStore<Find>({ query: '', regex: false, case: false, word: false, half: 'all' });

/** Grows whenever the keys ask for the field. */
export const findAsked = createStore(0);

/** Look for this text, or go on with the one before. */
export function askFind(query: string): void {
  if (query) find.set((before) => ({ ...before, query, regex: false }));
  findAsked.set((before) => before + 1);
}
