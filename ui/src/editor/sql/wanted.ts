/** What belongs at a place of a statement, by the words before it: a table, a column, a type, a new name. Pure. */
import { type Cursor, closing, enclosing } from './statements';
import { isName, type Token, upper } from './tokens';

export type Wanted =
  | { kind: 'table' }
  /** Columns of one table, or (null) of all that the statement names, and nothing else. */
  | { kind: 'columns'; of: string[] | null }
  /** Columns that this very CREATE TABLE defines. */
  | { kind: 'own columns'; names: string[] }
  | { kind: 'type' }
  /** A name that is not there yet. */
  | { kind: 'new name' }
  | { kind: 'start' }
  | { kind: 'any' };

const ANY: Wanted = { kind: 'any' };
const TABLE_ITEMS = /^(?:CONSTRAINT|PRIMARY|FOREIGN|UNIQUE|CHECK|KEY|INDEX|EXCLUDE|LIKE|FULLTEXT|SPATIAL)$/;

export function wantedAt({ before, qualifiers }: Cursor): Wanted {
  if (before.length === 0 && qualifiers.length === 0) return { kind: 'start' };
  const words = before.map(upper);
  const last = words.at(-1) ?? '';
  const open = enclosing(before);
  if (last === '::' || /\bSET DATA TYPE$/.test(words.slice(-3).join(' '))) return { kind: 'type' };
  if (last === 'AS' && open > 0 && /^(?:CAST|TRY_CAST|SAFE_CAST)$/.test(words[open - 1] ?? ''))
    return { kind: 'type' };
  if (wantsTable(words, before)) return { kind: 'table' };
  if (open >= 0) {
    const found = insideParens(before, words, open);
    if (found) return found;
  }
  if (words[0] === 'ALTER' && words.includes('TABLE')) return inAlter(before, words) ?? ANY;
  if (words[0] === 'CREATE' && open < 0) {
    const isNew =
      /^(?:TABLE|VIEW|TYPE|DOMAIN|SEQUENCE|SCHEMA|DATABASE|FUNCTION|PROCEDURE|TRIGGER|INDEX|CONCURRENTLY)$/;
    const isGuarded = last === 'EXISTS' && words.at(-2) === 'NOT';
    if (isNew.test(last) || isGuarded) return { kind: 'new name' };
  }
  if (last === 'AS' && isName(before.at(-2)) && words[0] !== 'CREATE') return { kind: 'new name' };
  if (words[0] === 'UPDATE' && open < 0) {
    const set = words.lastIndexOf('SET');
    if (set > 0 && (last === 'SET' || (last === ',' && !words.includes('WHERE'))))
      return { kind: 'columns', of: nameAfter(before, 0) };
  }
  if (/\bON (?:COLUMN)$/.test(words.slice(-2).join(' '))) return { kind: 'table' };
  return ANY;
}

function wantsTable(words: string[], before: Token[]): boolean {
  const last = words.at(-1) ?? '';
  const second = words.at(-2) ?? '';
  if (/^(?:JOIN|INTO|REFERENCES|TRUNCATE)$/.test(last)) return true;
  if (last === 'UPDATE') return !/^(?:ON|FOR|DO|OF|BEFORE|AFTER|OR|NO)$/.test(second) && words[0] !== 'GRANT';
  if (last === 'FROM')
    return (
      !/^(?:EXTRACT|TRIM|SUBSTRING|OVERLAY)$/.test(words[enclosing(before) - 1] ?? '') &&
      second !== 'DISTINCT'
    );
  if (/^(?:TABLE|VIEW)$/.test(last)) return words[0] !== 'CREATE';
  if (last === 'EXISTS') {
    const kind = words[words.length - 3] ?? '';
    return second === 'IF' && words[0] !== 'CREATE' && /^(?:TABLE|VIEW)$/.test(kind);
  }
  if (last === 'ONLY') return /^(?:FROM|TABLE|UPDATE|ON|EXISTS)$/.test(second);
  if (last === 'ON') {
    const isOnTable = words[0] === 'CREATE' || words[0] === 'DROP';
    return (
      isOnTable && words.some((one) => /^(?:INDEX|TRIGGER|POLICY|RULE)$/.test(one)) && !words.includes('DO')
    );
  }
  if (last === 'USING') return words[0] === 'DELETE' && words.includes('FROM');
  if (last !== ',') return false;
  // A list of tables: `FROM a, |`, `DROP TABLE a, |`.
  const open = enclosing(before);
  const here = depthZero(before.slice(open + 1)).map(upper);
  const clause = here.findLast((one) =>
    /^(?:FROM|WHERE|SET|SELECT|ON|ORDER|GROUP|BY|VALUES|RETURNING|TABLE|VIEW|TRUNCATE|JOIN|INTO|USING|WITH)$/.test(
      one,
    ),
  );
  return (
    clause === 'FROM' ||
    clause === 'TRUNCATE' ||
    (/^(?:TABLE|VIEW)$/.test(clause ?? '') && here[0] === 'DROP')
  );
}

/** The tokens that stand in no parentheses of their own. */
function depthZero(tokens: Token[]): Token[] {
  let depth = 0;
  return tokens.filter((one) => {
    const sign = upper(one);
    if (sign === '(') depth += 1;
    const isHere = depth === 0;
    if (sign === ')') depth -= 1;
    return isHere;
  });
}

/** `app.users` after the words that lead to it (TABLE, IF EXISTS, ONLY, INTO). */
export function nameAfter(tokens: Token[], word: number): string[] {
  let at = word + 1;
  while (/^(?:IF|NOT|EXISTS|ONLY|INTO|TABLE|IGNORE|OR|REPLACE)$/.test(upper(tokens[at]))) at += 1;
  const parts: string[] = [];
  while (isName(tokens[at])) {
    parts.push(tokens[at]?.text ?? '');
    if (upper(tokens[at + 1]) !== '.') break;
    at += 2;
  }
  return parts;
}

function insideParens(before: Token[], words: string[], open: number): Wanted | null {
  const lead = words[open - 1] ?? '';
  const item = depthZero(before.slice(open + 1));
  const start = item.findLastIndex((one) => upper(one) === ',') + 1;
  const own = item.slice(start);
  const isCreate = words[0] === 'CREATE' && words.includes('TABLE') && open > words.indexOf('TABLE');
  const outer = enclosing(before.slice(0, open));
  if (lead === 'CONFLICT' && words[0] === 'INSERT')
    return { kind: 'columns', of: nameAfter(before, words.indexOf('INTO')) };
  const references = words.lastIndexOf('REFERENCES', open);
  if (references >= 0 && isAllName(before.slice(references + 1, open)))
    return own.length === 0 ? { kind: 'columns', of: nameAfter(before, references) } : ANY;
  const isKey = /^(?:KEY|UNIQUE|INDEX)$/.test(lead) || /^(?:KEY|INDEX|UNIQUE)$/.test(words[open - 2] ?? '');
  if (isKey && (isCreate || words[0] === 'ALTER')) {
    if (own.length > 0) return ANY;
    return isCreate && outer >= 0
      ? { kind: 'own columns', names: defined(before, outer) }
      : { kind: 'columns', of: nameAfter(before, words.indexOf('TABLE')) };
  }
  if (isCreate && outer < 0 && isAllName(before.slice(words.indexOf('TABLE') + 1, open))) {
    if (own.length === 0) return { kind: 'new name' };
    if (own.length === 1 && !(own[0]?.kind === 'word' && TABLE_ITEMS.test(upper(own[0]))))
      return { kind: 'type' };
    return ANY;
  }
  if (words[0] === 'INSERT' || words[0] === 'REPLACE') {
    const into = words.indexOf('INTO');
    if (into > 0 && isAllName(before.slice(into + 1, open)))
      return own.length === 0 ? { kind: 'columns', of: nameAfter(before, into) } : ANY;
  }
  const on = words.lastIndexOf('ON', open);
  if (words[0] === 'CREATE' && words.includes('INDEX') && on > 0 && own.length === 0) {
    const target = before.slice(on + 1, open);
    const using = target.findIndex((one) => upper(one) === 'USING');
    const between = using < 0 ? target : target.slice(0, using);
    if (isAllName(between)) return { kind: 'columns', of: nameAfter(before, on) };
  }
  return null;
}

const isAllName = (tokens: Token[]) =>
  tokens.length > 0 && tokens.every((one) => isName(one) || upper(one) === '.');

/** The names that the items of a CREATE TABLE begin with. */
function defined(before: Token[], open: number): string[] {
  const end = Math.min(closing(before, open), before.length);
  const found: string[] = [];
  let isFirst = true;
  for (const token of depthZero(before.slice(open + 1, end))) {
    if (isFirst && isName(token) && !(token.kind === 'word' && TABLE_ITEMS.test(upper(token))))
      found.push(token.text);
    isFirst = upper(token) === ',';
  }
  return found;
}

/** After ALTER TABLE name: by the last action that has begun. */
function inAlter(before: Token[], words: string[]): Wanted | null {
  const table = nameAfter(before, words.indexOf('TABLE'));
  if (table.length === 0) return null;
  const flat = depthZero(before);
  const actions = flat.map(upper);
  const begin = actions.findLastIndex((one, at) => {
    const isAfter = at === 0 ? false : actions[at - 1] === ',' || !actions.slice(3, at).includes(',');
    return isAfter && at > 2 && /^(?:ADD|DROP|ALTER|MODIFY|CHANGE|RENAME)$/.test(one);
  });
  if (begin < 0) return null;
  const verb = actions[begin];
  const rest = flat.slice(begin + 1).filter((one, at, all) => {
    const word = upper(one);
    if (word === 'COLUMN') return at > 0;
    return !(
      /^(?:IF|NOT|EXISTS)$/.test(word) &&
      all.slice(0, at).every((two) => /^(?:COLUMN|IF|NOT)$/.test(upper(two)))
    );
  });
  const columns: Wanted = { kind: 'columns', of: table };
  const first = upper(rest[0]);
  if (/^(?:CONSTRAINT|PRIMARY|FOREIGN|UNIQUE|CHECK|INDEX|KEY|PARTITION|SYSTEM)$/.test(first)) return null;
  if (verb === 'ADD')
    return rest.length === 0 ? { kind: 'new name' } : rest.length === 1 ? { kind: 'type' } : null;
  if (verb === 'DROP') return rest.length === 0 ? columns : null;
  if (verb === 'ALTER') {
    if (rest.length === 0) return columns;
    return upper(rest.at(-1)) === 'TYPE' ? { kind: 'type' } : null;
  }
  if (verb === 'MODIFY') return rest.length === 0 ? columns : rest.length === 1 ? { kind: 'type' } : null;
  if (verb === 'CHANGE')
    return rest.length === 0
      ? columns
      : rest.length === 1
        ? { kind: 'new name' }
        : rest.length === 2
          ? { kind: 'type' }
          : null;
  if (verb === 'RENAME') {
    if (upper(rest.at(-1)) === 'TO') return { kind: 'new name' };
    return rest.length === 0 ? columns : null;
  }
  return null;
}
