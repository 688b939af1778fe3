/** SQL as tokens, with each dialect's quotes and comments. Reads anything; an open quote runs to the end. Pure. */
import type { Dialect } from '../languages';

export type TokenKind = 'word' | 'name' | 'string' | 'body' | 'number' | 'sign' | 'comment';

export interface Token {
  kind: TokenKind;
  /** Of a quoted name, what stands between its quotes; of all others as it is written. */
  text: string;
  start: number;
  end: number;
  /** A quote or comment that the text ends in. */
  open?: boolean;
}

const SPACE = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /\d[\w.]*/y;
const DOLLAR = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
const SIGN = /::|<=|>=|<>|!=|\|\||[^\s]/y;

const BACKSLASH: ReadonlySet<Dialect> = new Set<Dialect>(['mysql', 'clickhouse', 'bigquery', 'spanner']);
const HASH: ReadonlySet<Dialect> = new Set<Dialect>(['mysql', 'clickhouse', 'bigquery', 'spanner']);
const DOUBLE_IS_STRING: ReadonlySet<Dialect> = new Set<Dialect>(['mysql', 'bigquery', 'spanner']);

export function tokenize(text: string, dialect: Dialect): Token[] {
  const found: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const add = (kind: TokenKind, end: number, more: Partial<Token> = {}) => {
    found.push({ kind, text: text.slice(at, end), start: at, end, ...more });
    at = end;
  };
  const quoted = (kind: 'name' | 'string', close: string, backslash: boolean) => {
    let end = at + 1;
    for (; end < text.length; end += 1) {
      const character = text[end];
      if (backslash && character === '\\') end += 1;
      else if (character === close && text[end + 1] === close && close !== ']') end += 1;
      else if (character === close) break;
    }
    const open = end >= text.length;
    const inner = text.slice(at + 1, Math.min(end, text.length));
    const shown = kind === 'name' ? inner.replaceAll(close + close, close) : inner;
    add(kind, Math.min(end + 1, text.length), { text: shown, ...(open ? { open } : {}) });
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space) at += space.length;
    if (at >= text.length) break;
    const character = text[at];
    const two = text.slice(at, at + 2);
    if (two === '--' || (character === '#' && HASH.has(dialect))) {
      const end = text.indexOf('\n', at);
      // A comment at the very end of the text is one that is being written.
      add('comment', end < 0 ? text.length : end, end < 0 ? { open: true } : {});
    } else if (two === '/*') {
      const end = endOfComment(text, at, dialect === 'postgres');
      add('comment', end ?? text.length, end === null ? { open: true } : {});
    } else if (character === "'") {
      const before = found.at(-1);
      const escapes = before?.kind === 'word' && before.end === at && /^e$/i.test(before.text);
      quoted('string', "'", BACKSLASH.has(dialect) || escapes);
    } else if (character === '"') {
      quoted(DOUBLE_IS_STRING.has(dialect) ? 'string' : 'name', '"', BACKSLASH.has(dialect));
    } else if (character === '`') {
      quoted('name', '`', dialect === 'clickhouse');
    } else if (character === '[' && dialect === 'sqlite') {
      quoted('name', ']', false);
    } else if (character === '$' && dialect === 'postgres' && take(DOLLAR)) {
      const tag = take(DOLLAR) ?? '';
      const end = text.indexOf(tag, at + tag.length);
      add('body', end < 0 ? text.length : end + tag.length, end < 0 ? { open: true } : {});
    } else {
      const word = take(WORD);
      const number = word ? null : take(NUMBER);
      if (word) add('word', at + word.length);
      else if (number) add('number', at + number.length);
      else add('sign', at + (take(SIGN)?.length ?? 1));
    }
  }
  return found;
}

function endOfComment(text: string, start: number, nested: boolean): number | null {
  let depth = 1;
  let at = start + 2;
  while (at < text.length) {
    const close = text.indexOf('*/', at);
    if (close < 0) return null;
    const open = nested ? text.indexOf('/*', at) : -1;
    if (open >= 0 && open < close) {
      depth += 1;
      at = open + 2;
    } else {
      depth -= 1;
      at = close + 2;
      if (depth === 0) return at;
    }
  }
  return null;
}

export const isName = (token: Token | undefined): token is Token =>
  token !== undefined && (token.kind === 'word' || token.kind === 'name');

/** The word in capitals; a quoted name is no keyword. */
export const upper = (token: Token | undefined) =>
  token === undefined ? '' : token.kind === 'word' || token.kind === 'sign' ? token.text.toUpperCase() : '';
