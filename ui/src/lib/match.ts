/** How well something fits what was typed. Pure. */

export interface Matchable {
  label: string;
  note?: string;
  /** More words it is found by. */
  words?: string;
}

const WHOLE = 100;
const START = 60;
const WORD = 40;
const INSIDE = 24;
const INITIALS = 20;
const ASIDE = 10;

/** Higher is better; null where a word of the query is nowhere. An empty query fits everything alike. */
export function scoreOf(item: Matchable, query: string): number | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return 0;
  const label = item.label.toLowerCase();
  if (label === words.join(' ')) return WHOLE * words.length;
  const aside = `${item.note ?? ''} ${item.words ?? ''}`.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const found = scoreOfWord(label, aside, word);
    if (found === null) return null;
    sum += found;
  }
  // Of two that fit alike the shorter is meant.
  return sum / words.length - label.length / 1000;
}

function scoreOfWord(label: string, aside: string, word: string): number | null {
  if (label.startsWith(word)) return START;
  const at = label.indexOf(word);
  if (at > 0) return /[\p{L}\p{N}]/u.test(label[at - 1] ?? '') ? INSIDE : WORD;
  if (word.length > 1 && initialsOf(label).includes(word)) return INITIALS;
  return aside.includes(word) ? ASIDE : null;
}

const initialsOf = (text: string) =>
  text
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word[0] ?? '')
    .join('');

/** The label in pieces, those that were typed marked. */
export function pieces(label: string, query: string): Array<{ text: string; hit: boolean }> {
  const words = query
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (words.length === 0) return [{ text: label, hit: false }];
  return label
    .split(new RegExp(`(${words.join('|')})`, 'gi'))
    .map((text, at) => ({ text, hit: at % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}
