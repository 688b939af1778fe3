/** What a statement draws its columns from: tables with their aliases, CTEs and sub-queries. Pure. */
import type { Catalog, CatalogColumn, CatalogTable } from '../../api/types.generated';
import { closing, type Statement } from './statements';
import { isName, type Token, upper } from './tokens';

export interface Source {
  /** The table of the catalog; null for a CTE, a sub-query, or one that is not known. */
  table: CatalogTable | null;
  name: string;
  alias: string | null;
  columns: CatalogColumn[];
  isTarget: boolean;
}

const NOT_ALIASES = new Set(
  `SET WHERE ON USING ADD DROP ALTER RENAME VALUES SELECT JOIN LEFT RIGHT FULL INNER OUTER CROSS NATURAL ORDER GROUP
  HAVING LIMIT OFFSET FETCH AS UNION EXCEPT INTERSECT RETURNING ENGINE CASCADE RESTRICT DEFAULT FOR WINDOW TABLESAMPLE
  MODIFY CHANGE OWNER ENABLE DISABLE VALIDATE TO FROM INTO LATERAL FINAL PREWHERE SAMPLE ARRAY IF PARTITION COMMENT
  ATTACH DETACH DO CONFLICT OVERRIDING QUALIFY STRAIGHT_JOIN USE FORCE IGNORE IS BEFORE AFTER INSTEAD EXECUTE`.split(
    /\s+/,
  ),
);

const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

export function findTable(catalog: Catalog | null, parts: string[]): CatalogTable | undefined {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  const named = (catalog?.tables ?? []).filter((one) => same(one.name, name));
  if (schema !== undefined)
    return named.find((one) => same(one.schema_name ?? catalog?.default_schema ?? '', schema));
  return named.find((one) => !one.schema_name || one.schema_name === catalog?.default_schema) ?? named[0];
}

/** Every table, CTE and sub-query that the statement names, in its order. */
export function sourcesOf(statement: Statement, catalog: Catalog | null): Source[] {
  const ctes = ctesOf(statement, catalog);
  const found: Source[] = [];
  for (let at = 0; at < statement.length; at += 1) {
    const word = upper(statement[at]);
    const isList = word === 'FROM' || word === 'USING' || word === 'UPDATE' || word === 'TRUNCATE';
    if (!isList && !names(statement, at)) continue;
    let next = at + 1;
    do {
      const [source, after] = sourceAt(statement, next, catalog, ctes);
      if (source) found.push({ ...source, isTarget: TARGETS.has(word) });
      if (after === next) break;
      next = after;
    } while (isList && upper(statement[next]) === ',' && ++next);
  }
  // A CTE may be read in a sub-query only; its columns are known by its name anyway.
  for (const cte of ctes) if (!found.some((one) => same(one.name, cte.name))) found.push(cte);
  return found;
}

const TARGETS = new Set(['UPDATE', 'INTO', 'TABLE', 'TRUNCATE', 'ON']);

/** Does a table's name follow this word? */
function names(statement: Statement, at: number): boolean {
  const word = upper(statement[at]);
  if (word === 'JOIN' || word === 'INTO' || word === 'REFERENCES' || word === 'TABLE') return true;
  const head = statement.slice(0, at).map(upper);
  if (word !== 'ON') return false;
  const isMade = head[0] === 'CREATE' && head.some((one) => /^(?:INDEX|TRIGGER|POLICY|RULE)$/.test(one));
  const isDropped = head[0] === 'DROP' && head.some((one) => /^(?:INDEX|TRIGGER|POLICY)$/.test(one));
  return (isMade || isDropped) && !head.includes('ON');
}

function sourceAt(
  statement: Statement,
  start: number,
  catalog: Catalog | null,
  ctes: Source[],
): [Source | null, number] {
  let at = start;
  while (/^(?:IF|NOT|EXISTS|ONLY|LATERAL|TABLE|IGNORE)$/.test(upper(statement[at]))) at += 1;
  if (upper(statement[at]) === '(') {
    const end = closing(statement, at);
    const columns = outputOf(statement.slice(at + 1, end), catalog);
    const [alias, after] = aliasAt(statement, end + 1);
    return [alias ? { table: null, name: alias, alias, columns, isTarget: false } : null, after];
  }
  const parts: string[] = [];
  while (isName(statement[at])) {
    parts.push(statement[at]?.text ?? '');
    at += 1;
    if (upper(statement[at]) !== '.') break;
    at += 1;
  }
  const name = parts.at(-1);
  if (name === undefined) return [null, start];
  const [alias, after] = aliasAt(statement, at);
  const cte = parts.length === 1 ? ctes.find((one) => same(one.name, name)) : undefined;
  if (cte) return [{ ...cte, alias }, after];
  const table = findTable(catalog, parts) ?? null;
  return [{ table, name, alias, columns: table?.columns ?? [], isTarget: false }, after];
}

function aliasAt(statement: Statement, at: number): [string | null, number] {
  const hasAs = upper(statement[at]) === 'AS';
  const token = statement[hasAs ? at + 1 : at];
  if (!isName(token)) return [null, at];
  if (token.kind === 'word' && NOT_ALIASES.has(upper(token))) return [null, at];
  return [token.text, at + (hasAs ? 2 : 1)];
}

/** `WITH recent (id, at) AS (SELECT …), …` */
function ctesOf(statement: Statement, catalog: Catalog | null): Source[] {
  const found: Source[] = [];
  for (let at = 0; at < statement.length - 2; at += 1) {
    const opens = upper(statement[at]) === 'WITH' || (upper(statement[at]) === ',' && found.length > 0);
    if (!opens) continue;
    let next = at + 1;
    if (upper(statement[next]) === 'RECURSIVE') next += 1;
    const name = statement[next];
    if (!isName(name)) continue;
    next += 1;
    let columns: CatalogColumn[] | null = null;
    if (upper(statement[next]) === '(') {
      const end = closing(statement, next);
      columns = statement
        .slice(next + 1, end)
        .filter(isName)
        .map((one) => unknown(one.text));
      next = end + 1;
    }
    if (upper(statement[next]) !== 'AS') continue;
    next += 1;
    while (/^(?:NOT|MATERIALIZED)$/.test(upper(statement[next]))) next += 1;
    if (upper(statement[next]) !== '(') continue;
    const end = closing(statement, next);
    columns ??= outputOf(statement.slice(next + 1, end), catalog);
    found.push({ table: null, name: name.text, alias: null, columns, isTarget: false });
  }
  return found;
}

const unknown = (name: string, type = ''): CatalogColumn => ({
  name,
  type,
  nullable: true,
  default: null,
  primary_key: false,
  comment: null,
});

/** The columns that a query gives: its aliases and the last word of what has none; `*` is all of its tables. */
export function outputOf(query: Token[], catalog: Catalog | null): CatalogColumn[] {
  const first = query.findIndex((one) => /^(?:SELECT|RETURNING)$/.test(upper(one)));
  if (first < 0) return [];
  const sources = sourcesOf(query.slice(first), catalog);
  const found: CatalogColumn[] = [];
  let item: Token[] = [];
  let depth = 0;
  const close = () => {
    const last = item.at(-1);
    if (upper(last) === '*') {
      const owner = item.length > 2 ? item.at(-3)?.text : undefined;
      const from = owner === undefined ? sources : sources.filter((one) => goesBy(one, owner));
      found.push(...from.flatMap((one) => one.columns));
    } else if (isName(last)) {
      const known = sources.flatMap((one) => one.columns).find((one) => same(one.name, last.text));
      found.push(known ?? unknown(last.text));
    }
    item = [];
  };
  for (const token of query.slice(first + 1)) {
    const word = upper(token);
    if (word === '(') depth += 1;
    else if (word === ')') depth -= 1;
    if (depth === 0 && /^(?:FROM|WHERE|UNION|ORDER|LIMIT|GROUP|INTO|;)$/.test(word)) break;
    if (depth === 0 && word === ',') close();
    else if (depth === 0 && !/^(?:DISTINCT|ALL)$/.test(word)) item.push(token);
  }
  close();
  return found;
}

export const goesBy = (source: Source, name: string) =>
  source.alias === null ? same(source.name, name) : same(source.alias, name);
