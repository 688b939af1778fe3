/** What completion is asked and what it answers, for SQL and JavaScript alike. */
import type { Catalog } from '../api/types.generated';
import type { Dialect } from './languages';

export type Kind = 'table' | 'column' | 'keyword' | 'function' | 'type' | 'snippet' | 'method' | 'schema';

export interface Suggestion {
  label: string;
  insert: string;
  kind: Kind;
  detail?: string;
  /** Lower comes first. */
  rank: number;
  /** What is typed is compared with this instead of the label. */
  filter?: string;
}

export interface Place {
  text: string;
  /** Where the cursor stands in the text. */
  offset: number;
  dialect: Dialect;
  catalog: Catalog | null;
}

export interface Offer {
  suggestions: Suggestion[];
  /** How many characters before the cursor it takes the place of; null: the word there. */
  replaceBefore: number | null;
  /** And after it: the closing quote that stands there. */
  replaceAfter: number;
}
