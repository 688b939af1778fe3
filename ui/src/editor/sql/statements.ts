/** The statements of a text by its tokens, and what stands around a place. Pure. */
import type { Dialect } from '../languages';
import { isName, type Token, tokenize, upper } from './tokens';

/** Tokens of one statement, without comments and its delimiter. */
export type Statement = Token[];

const HAS_BODY = new Set(['TRIGGER', 'PROCEDURE', 'FUNCTION', 'EVENT', 'PACKAGE']);

/** Bodies of triggers and procedures stay in one piece. */
export function statementsOf(tokens: Token[]): Statement[] {
  const found: Statement[] = [];
  let now: Statement = [];
  let blocks = 0;
  for (const token of tokens) {
    if (token.kind === 'comment') continue;
    const word = upper(token);
    if (word === ';' && blocks === 0) {
      if (now.length > 0) found.push(now);
      now = [];
      continue;
    }
    if (word === 'BEGIN' || word === 'CASE')
      blocks += isRoutine(now) || (word === 'CASE' && blocks > 0) ? 1 : 0;
    else if (word === 'END' && blocks > 0 && !/^(?:IF|LOOP|WHILE|REPEAT)$/.test(upper(now.at(-1))))
      blocks -= 1;
    now.push(token);
  }
  if (now.length > 0) found.push(now);
  return found;
}

const isRoutine = (statement: Statement) =>
  upper(statement[0]) === 'CREATE' && statement.slice(1, 8).some((one) => HAS_BODY.has(upper(one)));

export interface Cursor {
  /** In a comment or a string: nothing of SQL is wanted there. */
  isText: boolean;
  /** The whole tokens of the statement before what is being written. */
  before: Token[];
  /** What is being written: a word, an open quoted name, or nothing. */
  partial: Token | null;
  /** The names with dots before it: `app.users.` is ['app', 'users']. */
  qualifiers: string[];
  /** The whole statement, also what stands after the cursor. */
  statement: Token[];
}

/** What stands around an offset. A function's body in dollars is read as the code that it is. */
export function cursorAt(text: string, offset: number, dialect: Dialect): Cursor {
  const tokens = tokenize(text, dialect);
  const inside = tokens.find(
    (one) => one.start < offset && (offset < one.end || (offset === one.end && one.open === true)),
  );
  const at = tokens.findIndex((one) => one.start >= offset);
  const upTo = at < 0 ? tokens.length : at;
  if (inside?.kind === 'body') {
    const tag = /^\$[^$]*\$/.exec(inside.text)?.[0].length ?? 2;
    const end = inside.open ? inside.end : inside.end - tag;
    if (offset >= inside.start + tag && offset <= end && isCode(tokens.slice(0, upTo)))
      return cursorAt(text.slice(inside.start + tag, end), offset - inside.start - tag, dialect);
  }
  const isText = inside !== undefined && ['comment', 'string', 'body'].includes(inside.kind);
  // In a routine's body each statement counts by itself.
  const isEnd = (one: Token) => upper(one) === ';';
  const first = tokens.slice(0, upTo).findLastIndex((one) => one.start < offset && isEnd(one)) + 1;
  const next = tokens.findIndex((one, index) => index >= first && one.start >= offset && isEnd(one));
  const statement = withoutComments(tokens.slice(first, next < 0 ? undefined : next));
  let before = withoutComments(tokens.slice(first, upTo)).filter((one) => one.start < offset);
  const last = before.at(-1);
  const isPartial = last !== undefined && last.end >= offset && (last.kind === 'word' || last === inside);
  const partial = isPartial && !isText ? (last ?? null) : null;
  if (isPartial) before = before.slice(0, -1);
  const qualifiers: string[] = [];
  while (upper(before.at(-1)) === '.' && isName(before.at(-2))) {
    qualifiers.unshift(before.at(-2)?.text ?? '');
    before = before.slice(0, -2);
  }
  return { isText, before, partial, qualifiers, statement };
}

const withoutComments = (tokens: Token[]) => tokens.filter((one) => one.kind !== 'comment');

/** The body of DO or of a function, and no text that happens to stand in dollars. */
const isCode = (before: Token[]) =>
  before.findLast((one) => /^(?:DO|FUNCTION|PROCEDURE|SELECT|INSERT|UPDATE|COMMENT)$/.test(upper(one))) !==
    undefined &&
  /^(?:DO|FUNCTION|PROCEDURE)$/.test(
    upper(
      before.findLast((one) => /^(?:DO|FUNCTION|PROCEDURE|SELECT|INSERT|UPDATE|COMMENT)$/.test(upper(one))),
    ),
  );

/** The index of the parenthesis that closes the one at `open`, or the end. */
export function closing(tokens: Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const sign = upper(tokens[at]);
    if (sign === '(') depth += 1;
    else if (sign === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return tokens.length;
}

/** The index of the parenthesis that is open at the end of the tokens, or -1. */
export function enclosing(tokens: Token[]): number {
  let depth = 0;
  for (let at = tokens.length - 1; at >= 0; at -= 1) {
    const sign = upper(tokens[at]);
    if (sign === ')') depth += 1;
    else if (sign === '(') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}
