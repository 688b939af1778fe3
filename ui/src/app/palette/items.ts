/** What the palette lists: everything of one shape, wherever it comes from. Pure. */
import type { ReactNode } from 'react';
import { scoreOf } from '../../lib/match';

export interface Item {
  /** Unique in the palette, and the same at the next start: recent ones are found by it. */
  id: string;
  section: string;
  label: string;
  note?: string;
  words?: string;
  keys?: string;
  icon?: ReactNode;
  /** At the right end: a status. */
  mark?: ReactNode;
  /** Notes are versions and paths. */
  mono?: boolean;
  /** Where it leads; kept with the recent ones, so that they can be followed before their list is there. */
  path?: string;
  /** Was found by the backend: it fits, whatever its name says. */
  found?: boolean;
  run?(): void;
}

/** A recent one, as it is remembered. */
export interface Recent {
  id: string;
  label: string;
  note?: string;
  path?: string;
}

export interface Section {
  title: string;
  items: Item[];
}

export const RECENT = 'Recent';
const RECENT_SHOWN = 5;
const RECENT_KEPT = 12;
const EACH = 8;
const EACH_UNASKED = 16;
/** Of the page's own: the rest is there to be typed, and the other sections are in sight. */
const OWN_UNASKED = 6;

/** The first character narrows: actions, connections, tables. */
export const MODES = { '>': 'actions', '@': 'connections', '#': 'tables' } as const;
export type Mode = (typeof MODES)[keyof typeof MODES] | 'all';

export function readQuery(typed: string): { mode: Mode; query: string } {
  const mode = MODES[typed.trimStart()[0] as keyof typeof MODES];
  return mode ? { mode, query: typed.trimStart().slice(1).trim() } : { mode: 'all', query: typed.trim() };
}

export function remember(recents: Recent[], item: Item): Recent[] {
  const { id, label, note, path } = item;
  return [{ id, label, note, path }, ...recents.filter((one) => one.id !== id)].slice(0, RECENT_KEPT);
}

export const readRecents = (stored: unknown): Recent[] =>
  Array.isArray(stored)
    ? (stored as Recent[]).filter((one) => typeof one?.id === 'string' && typeof one.label === 'string')
    : [];

/**
 * What to show, in sections: with nothing typed the recent ones and then everything in its order; else what fits, the
 * sections by their best. `items` come in the order of their sections; `first` is the page's own section.
 */
export function arrange(items: Item[], recents: Recent[], query: string, first: string | null): Section[] {
  if (query === '') {
    const byId = new Map(items.map((one) => [one.id, one]));
    const recent = recents
      .map(
        (one): Item | undefined => byId.get(one.id) ?? (one.path ? { ...one, section: RECENT } : undefined),
      )
      .filter((one) => one !== undefined)
      .slice(0, RECENT_SHOWN);
    const shown = new Set(recent.map((one) => one.id));
    const rest = grouped(
      items.filter((one) => !shown.has(one.id)),
      EACH_UNASKED,
    ).map((one) => (one.title === first ? { ...one, items: one.items.slice(0, OWN_UNASKED) } : one));
    return [{ title: RECENT, items: recent }, ...rest].filter((one) => one.items.length > 0);
  }
  const isRecent = new Set(recents.map((one) => one.id));
  const scored: Array<{ item: Item; score: number }> = [];
  for (const item of items) {
    const score = scoreOf(item, query) ?? (item.found ? 5 : null);
    if (score === null) continue;
    scored.push({ item, score: score + (isRecent.has(item.id) ? 6 : 0) + (item.section === first ? 8 : 0) });
  }
  const best = new Map<string, number>();
  for (const { item, score } of scored)
    best.set(item.section, Math.max(best.get(item.section) ?? Number.NEGATIVE_INFINITY, score));
  scored.sort((a, b) => b.score - a.score);
  return grouped(
    scored.map((one) => one.item),
    EACH,
  ).sort((a, b) => (best.get(b.title) ?? 0) - (best.get(a.title) ?? 0));
}

function grouped(items: Item[], each: number): Section[] {
  const sections = new Map<string, Item[]>();
  for (const item of items) {
    const members = sections.get(item.section) ?? [];
    if (members.length < each) sections.set(item.section, [...members, item]);
  }
  return [...sections].map(([title, members]) => ({ title, items: members }));
}
