/** What the search field offers while it is typed: keys, then their values. What is taken becomes a chip where it can. Pure. */
import type { MigrationFlag, MigrationStatus } from '../../api/types.generated';
import { ALL_FLAGS, type Choices, type Filters, STATUSES } from './filters';

export interface Offer {
  /** What stands in the list. */
  label: string;
  note?: string;
  /** What takes the place of the word that is typed. */
  text: string;
  /** A filter instead of a text. */
  change?: Partial<Filters>;
}

const KEYS: ReadonlyArray<[string, string]> = [
  ['status:', 'applied, pending or failed'],
  ['flag:', 'edited, out of order, …'],
  ['table:', 'a table it touches'],
  ['author:', 'who wrote or ran it'],
  ['name:', 'only in the name'],
  ['version:', 'begins with'],
  ['after:', 'applied since, 2026-01-31 or 7d'],
  ['before:', 'applied before'],
];
const MOST = 8;

interface Typed {
  /** The word the caret is in. */
  word: string;
  from: number;
  to: number;
}

export function wordAt(text: string, caret: number): Typed {
  // A quote that is open keeps its spaces.
  let from = 0;
  let quoted = false;
  for (let at = 0; at < caret; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === ' ' && !quoted) from = at + 1;
  }
  const rest = text.slice(caret);
  const end = quoted ? rest.indexOf('"') + 1 : rest.search(/\s/);
  return { word: text.slice(from, caret), from, to: end < 0 ? text.length : caret + (quoted ? end : end) };
}

export function offersFor(text: string, caret: number, filters: Filters, choices: Choices): Offer[] {
  const { word } = wordAt(text, caret);
  const minus = word.startsWith('-') ? '-' : '';
  const bare = word.slice(minus.length).toLowerCase();
  const colon = bare.indexOf(':');
  if (colon < 0) {
    if (!bare && !minus) return [];
    return KEYS.filter(([key]) => key.startsWith(bare)).map(([key, note]) => ({
      label: `${minus}${key}`,
      note,
      text: `${minus}${key}`,
    }));
  }
  const key = bare.slice(0, colon + 1);
  const begun = bare.slice(colon + 1).replaceAll('"', '');
  const values = valuesOf(key, choices);
  return values
    .filter((one) => one.toLowerCase().replaceAll('_', ' ').includes(begun.replaceAll('_', ' ')))
    .slice(0, MOST)
    .map((value) => ({
      label: `${minus}${key}${value.replaceAll('_', ' ')}`,
      text: minus ? `${minus}${key}${quote(value)} ` : '',
      ...(minus ? {} : { change: asFilter(key, value, filters) }),
    }));
}

/** The text without the word that was taken, or with what takes its place; and where the caret goes. */
export function take(text: string, caret: number, offer: Offer): { text: string; caret: number } {
  const { from, to } = wordAt(text, caret);
  const before = text.slice(0, from);
  const after = offer.text ? text.slice(to) : text.slice(to).trimStart();
  return { text: `${before}${offer.text}${after}`, caret: before.length + offer.text.length };
}

function valuesOf(key: string, choices: Choices): readonly string[] {
  switch (key) {
    case 'status:':
      return STATUSES;
    case 'flag:':
    case 'is:':
      return ALL_FLAGS;
    case 'table:':
      return choices.tables;
    case 'author:':
    case 'by:':
      return choices.authors;
    default:
      return [];
  }
}

function asFilter(key: string, value: string, filters: Filters): Partial<Filters> {
  const added = (list: string[]) => [...new Set([...list, value])];
  switch (key) {
    case 'status:':
      return { status: value as MigrationStatus };
    case 'flag:':
    case 'is:':
      return { flags: added(filters.flags) as MigrationFlag[] };
    case 'table:':
      return { tables: added(filters.tables) };
    default:
      return { authors: added(filters.authors) };
  }
}

const quote = (value: string) => (/\s/.test(value) ? `"${value}"` : value);
