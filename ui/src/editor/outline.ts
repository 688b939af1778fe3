/** The statements of a text: what each does to what, and where it stands. For the outline and its keys. Pure. */
import type { Dialect } from './languages';
import { collectionBefore, collectionsByName } from './mongo/place';
import { tokenizeJs } from './mongo/tokens';
import { statementsOf } from './sql/statements';
import { isName, type Token, tokenize, upper } from './sql/tokens';

export interface OutlineItem {
  /** `CREATE TABLE`, `createIndex` */
  verb: string;
  /** What it is done to; empty where that is not one thing. */
  object: string;
  kind: 'create' | 'alter' | 'drop' | 'data' | 'other';
  start: number;
  end: number;
  /** In the text, from 1. */
  line: number;
  endLine: number;
}

export const outlineOf = (text: string, dialect: Dialect): OutlineItem[] =>
  dialect === 'mongodb' ? outlineOfJavaScript(text) : outlineOfSql(text, dialect);

function lineCounter(text: string) {
  let line = 1;
  let at = 0;
  return (offset: number) => {
    for (; at < offset; at += 1) if (text[at] === '\n') line += 1;
    return line;
  };
}

function outlineOfSql(text: string, dialect: Dialect): OutlineItem[] {
  const lineOf = lineCounter(text);
  return statementsOf(tokenize(text, dialect)).map((statement) => {
    const start = statement[0]?.start ?? 0;
    const end = statement.at(-1)?.end ?? start;
    const { verb, object } = said(statement);
    return { verb, object, kind: kindOf(verb), start, end, line: lineOf(start), endLine: lineOf(end) };
  });
}

const OBJECT =
  /^(?:TABLE|VIEW|INDEX|TYPE|DOMAIN|SEQUENCE|SCHEMA|DATABASE|FUNCTION|PROCEDURE|TRIGGER|EXTENSION|POLICY|ROLE|USER|EVENT|DICTIONARY|PUBLICATION|RULE|AGGREGATE|COLUMN)$/;
const BETWEEN = /^(?:IF|NOT|EXISTS|ONLY|CONCURRENTLY|INTO|FROM|OR|IGNORE|REPLACE|ON|TABLE)$/;

function said(statement: Token[]): { verb: string; object: string } {
  const words = statement.map(upper);
  const first = words[0] ?? '';
  if (first === 'WITH') {
    // A CTE is known by what is done with it.
    let depth = 0;
    const at = words.findIndex((one) => {
      if (one === '(') depth += 1;
      if (one === ')') depth -= 1;
      return depth === 0 && /^(?:SELECT|INSERT|UPDATE|DELETE|MERGE)$/.test(one);
    });
    if (at > 0) return said(statement.slice(at));
  }
  if (/^(?:CREATE|ALTER|DROP|TRUNCATE|COMMENT|RENAME)$/.test(first)) {
    const at = words.findIndex((one, index) => index > 0 && index < 10 && OBJECT.test(one));
    if (at > 0) {
      const verb = [first, ...words.slice(1, at + 1).filter((one) => /^[A-Z]+$/.test(one))]
        .join(' ')
        .replace('OR REPLACE ', '');
      return { verb, object: nameAt(statement, at + 1) };
    }
    return { verb: first, object: nameAt(statement, 1) };
  }
  if (first === 'INSERT' || first === 'REPLACE')
    return { verb: 'INSERT', object: nameAt(statement, after(words, 'INTO')) };
  if (first === 'DELETE') return { verb: 'DELETE', object: nameAt(statement, after(words, 'FROM')) };
  if (first === 'UPDATE') return { verb: 'UPDATE', object: nameAt(statement, 1) };
  if (first === 'SELECT') {
    const from = words.indexOf('FROM');
    return { verb: 'SELECT', object: from > 0 ? nameAt(statement, from + 1) : '' };
  }
  if (first === 'SET' || first === 'PRAGMA')
    return { verb: first, object: nameAt(statement, words[1] === 'LOCAL' ? 2 : 1) };
  return { verb: first || (statement[0]?.text ?? ''), object: '' };
}

const after = (words: string[], word: string) => Math.max(words.indexOf(word), 0) + 1;

function nameAt(statement: Token[], from: number): string {
  let at = from;
  while (statement[at]?.kind === 'word' && BETWEEN.test(upper(statement[at]))) at += 1;
  const parts: string[] = [];
  while (isName(statement[at])) {
    parts.push(statement[at]?.text ?? '');
    if (upper(statement[at + 1]) !== '.') break;
    at += 2;
  }
  return parts.join('.');
}

function kindOf(verb: string): OutlineItem['kind'] {
  if (/^CREATE|^create(?!d)/.test(verb)) return 'create';
  if (/^(?:DROP|TRUNCATE)|^drop/.test(verb)) return 'drop';
  if (/^(?:ALTER|RENAME|COMMENT)|^rename|^collMod/.test(verb)) return 'alter';
  if (/^(?:INSERT|UPDATE|DELETE|MERGE)|^(?:insert|update|delete|replace|bulk|findOneAnd)/.test(verb))
    return 'data';
  return 'other';
}

const CALLS =
  /^(?:create(?:Collection|Index|Indexes)|drop(?:Collection|Index|Indexes|Database)?|rename(?:Collection)?|insert(?:One|Many)|update(?:One|Many)|delete(?:One|Many)|replaceOne|bulkWrite|findOneAnd\w+|aggregate|command|withTransaction)$/;

function outlineOfJavaScript(text: string): OutlineItem[] {
  const tokens = tokenizeJs(text).filter((one) => one.kind !== 'comment');
  const names = collectionsByName(tokens);
  const lineOf = lineCounter(text);
  const found: OutlineItem[] = [];
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' || !CALLS.test(token.text)) return;
    if (!/^\??\.$/.test(tokens[at - 1]?.text ?? '') || tokens[at + 1]?.text !== '(') return;
    const given = tokens[at + 2];
    const own = collectionBefore(tokens, at - 1, names);
    let object = own ?? '';
    let verb = token.text;
    if (own === null && given?.kind === 'string') object = given.text;
    if (verb === 'command' && given?.text === '{') {
      verb = tokens[at + 3]?.text ?? verb;
      object = tokens[at + 5]?.kind === 'string' ? (tokens[at + 5]?.text ?? '') : '';
    }
    const end = endOfCall(tokens, at + 1);
    const start = token.start;
    const line = lineOf(start);
    found.push({ verb, object, kind: kindOf(verb), start, end, line, endLine: 0 });
  });
  const lineOfEnd = (offset: number) => text.slice(0, offset).split('\n').length;
  return found.map((one) => ({ ...one, endLine: found.length > 500 ? one.line : lineOfEnd(one.end) }));
}

function endOfCall(tokens: ReturnType<typeof tokenizeJs>, open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== 'sign') continue;
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (depth === 0) return token.end;
  }
  return tokens.at(-1)?.end ?? 0;
}
