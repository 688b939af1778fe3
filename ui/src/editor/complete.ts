/** What completion offers at a place in the text: keywords, snippets and the live schema. Pure. */
import type { Catalog, CatalogTable } from '../api/types.generated';
import { COLLECTION_METHODS, DATABASE_METHODS, keywordsOf, MONGO_OPERATORS } from './keywords';
import type { Dialect } from './languages';
import { quoteName, tableName } from './quote';
import { snippetsOf } from './snippets';

export type Kind = 'table' | 'column' | 'keyword' | 'function' | 'type' | 'snippet' | 'method';

export interface Suggestion {
  label: string;
  insert: string;
  kind: Kind;
  detail?: string;
  /** Lower comes first. */
  rank: number;
}

export interface Place {
  /** The text up to the cursor; the statement around it is found from here. */
  before: string;
  after: string;
  dialect: Dialect;
  catalog: Catalog | null;
}

export const complete = (place: Place): Suggestion[] =>
  place.dialect === 'mongodb' ? completeJavaScript(place) : completeSql(place);

const NAME = String.raw`(?:"(?:[^"]|"")+"|\`[^\`]+\`|\[[^\]]+\]|[\w$]+)`;
const QUALIFIED = `${NAME}(?:\\s*\\.\\s*${NAME})?`;
const NOT_ALIASES =
  /^(?:set|where|on|using|add|drop|alter|rename|values|select|join|left|right|inner|cross|order|group|limit|as|union|returning|engine|cascade)$/i;
const MENTIONS = new RegExp(
  `\\b(?:from|join|update|into|table|references|on|only|exists)\\s+(${QUALIFIED})(?:\\s+(?:as\\s+)?(${NAME}))?`,
  'gi',
);
const WANTS_TABLE =
  /\b(?:from|join|update|into|references|truncate|(?:table|view)(?:\s+if\s+(?:not\s+)?exists)?(?:\s+only)?|index\s+[\w"`]+\s+on|index\s+concurrently\s+[\w"`]+\s+on|trigger\s[^;]*\son)\s+[\w"`]*$/i;

const bare = (name: string) => name.replace(/^["`[]|["`\]]$/g, '');
const last = (qualified: string) => bare(qualified.split('.').at(-1)?.trim() ?? qualified);
const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

function completeSql({ before, after, dialect, catalog }: Place): Suggestion[] {
  // Inside a comment or a string nothing of this is wanted.
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (/--/.test(line) || (line.match(/'/g)?.length ?? 0) % 2 === 1) return [];
  const statement =
    before.slice(before.lastIndexOf(';') + 1) +
    after.slice(0, (after.indexOf(';') + 1 || after.length + 1) - 1);
  const mentioned = mentions(statement);
  const dotted = new RegExp(`(${NAME})\\.[\\w"\`]*$`).exec(before);
  if (dotted?.[1]) return afterDot(bare(dotted[1]), mentioned, dialect, catalog);

  const tables = tablesOf(catalog, dialect);
  if (WANTS_TABLE.test(before)) return tables;
  const columns = mentioned.flatMap(({ table }) => columnsOf(find(catalog, table), dialect));
  return [
    ...unique(columns),
    ...tables,
    ...words(dialect),
    ...functions(catalog, dialect),
    ...snippets(dialect),
  ];
}

function mentions(statement: string): Array<{ table: string; alias: string | null }> {
  return [...statement.matchAll(MENTIONS)].map(([, table = '', alias]) => ({
    table: last(table),
    alias: alias && !NOT_ALIASES.test(alias) ? bare(alias) : null,
  }));
}

function afterDot(
  owner: string,
  mentioned: Array<{ table: string; alias: string | null }>,
  dialect: Dialect,
  catalog: Catalog | null,
): Suggestion[] {
  // The nearest mention counts: statements without a semicolon between them are seen as one.
  const meant = mentioned
    .filter((one) => one.alias && same(one.alias, owner))
    .map((one) => find(catalog, one.table))
    .findLast((one) => one !== undefined);
  const table = meant ?? find(catalog, owner);
  if (table) return columnsOf(table, dialect);
  const inSchema = (catalog?.tables ?? []).filter((one) => one.schema_name && same(one.schema_name, owner));
  return inSchema.map((one) => tableSuggestion(one, quoteName(one.name, dialect)));
}

const find = (catalog: Catalog | null, name: string) => catalog?.tables.find((one) => same(one.name, name));

const tableSuggestion = (table: CatalogTable, insert: string): Suggestion => ({
  label: table.name,
  insert,
  kind: 'table',
  detail: table.kind === 'table' ? (table.schema_name ?? 'table') : table.kind.replace('_', ' '),
  rank: 2,
});

const tablesOf = (catalog: Catalog | null, dialect: Dialect) =>
  (catalog?.tables ?? []).map((one) =>
    tableSuggestion(one, tableName(one, catalog?.default_schema ?? null, dialect)),
  );

const columnsOf = (table: CatalogTable | undefined, dialect: Dialect): Suggestion[] =>
  (table?.columns ?? []).map((column) => ({
    label: column.name,
    insert: quoteName(column.name, dialect),
    kind: 'column',
    detail: `${column.type}${column.nullable ? '' : ' not null'} · ${table?.name}`,
    rank: 1,
  }));

const words = (dialect: Dialect): Suggestion[] =>
  keywordsOf(dialect).map((word) => ({ label: word, insert: word, kind: 'keyword', rank: 3 }));

const functions = (catalog: Catalog | null, dialect: Dialect): Suggestion[] => [
  ...(catalog?.functions ?? []).map(
    (name): Suggestion => ({ label: name, insert: quoteName(name, dialect), kind: 'function', rank: 4 }),
  ),
  ...(catalog?.types ?? []).map(
    (name): Suggestion => ({ label: name, insert: quoteName(name, dialect), kind: 'type', rank: 4 }),
  ),
];

const snippets = (dialect: Dialect): Suggestion[] =>
  snippetsOf(dialect).map((one) => ({
    label: one.name,
    insert: one.up,
    kind: 'snippet',
    detail: one.about,
    rank: 5,
  }));

function unique(suggestions: Suggestion[]): Suggestion[] {
  const seen = new Set<string>();
  return suggestions.filter(({ label }) => !seen.has(label) && seen.add(label));
}

const plain =
  (kind: Kind, rank: number) =>
  (label: string): Suggestion => ({ label, insert: label, kind, rank });

function completeJavaScript({ before, dialect, catalog }: Place): Suggestion[] {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (/^\s*(?:\/\/|\*)/.test(line)) return [];
  if (/\b(?:collection|dropCollection|renameCollection)\(\s*["'`][\w.$-]*$/.test(before)) {
    return (catalog?.tables ?? []).map((one) => tableSuggestion(one, one.name));
  }
  if (/\.collection\([^)]*\)\s*\.\w*$/.test(before)) return COLLECTION_METHODS.map(plain('method', 1));
  if (/\bdb\s*\.\w*$/.test(before)) return DATABASE_METHODS.map(plain('method', 1));
  const named = [...before.matchAll(/\.collection\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].at(-1)?.[1];
  const fields = named && /[{,(["']\s*[\w.$]*$/.test(before) ? columnsOf(find(catalog, named), dialect) : [];
  if (/\$\w*$/.test(before)) return MONGO_OPERATORS.map(plain('keyword', 1));
  return [
    ...fields,
    ...(/[{,]\s*\w*$/.test(before) ? MONGO_OPERATORS.map(plain('keyword', 3)) : []),
    ...['await', 'async', 'const', 'for', 'if', 'return', 'db', 'client'].map(plain('keyword', 4)),
    ...snippets(dialect),
  ];
}
