/** What completion offers at a place in SQL. Pure. */
import type { Catalog, CatalogColumn, CatalogTable } from '../../api/types.generated';
import { keywordsOf } from '../keywords';
import type { Dialect } from '../languages';
import { quoteName, tableName } from '../quote';
import { snippetsOf } from '../snippets';
import type { Kind, Offer, Place, Suggestion } from '../suggestion';
import { withOwnTables } from './own';
import { findTable, goesBy, type Source, sourcesOf } from './sources';
import { type Cursor, cursorAt } from './statements';
import { tokenize } from './tokens';
import { typesOf } from './types';
import { wantedAt } from './wanted';

export function completeSql({ text, offset, dialect, catalog: live }: Place): Offer {
  const cursor = cursorAt(text, offset, dialect);
  if (cursor.isText) return { suggestions: [], replaceBefore: 0, replaceAfter: 0 };
  const catalog = withOwnTables(live, tokenize(text, dialect), text);
  // A name whose quote is open is replaced with its quotes: `"E-m|"`.
  const quote = openQuote(cursor, text, offset);
  const suggestions = suggestionsAt(cursor, dialect, catalog);
  if (!quote) return { suggestions, replaceBefore: null, replaceAfter: 0 };
  const named = suggestions.filter((one) => one.kind === 'table' || one.kind === 'column');
  return {
    suggestions: named.map((one) => ({
      ...one,
      insert: one.insert.startsWith(quote.sign) ? one.insert : quote.sign + one.label + quote.close,
      filter: quote.sign + one.label,
    })),
    replaceBefore: quote.length,
    replaceAfter: text[offset] === quote.close ? 1 : 0,
  };
}

function openQuote({ partial }: Cursor, text: string, offset: number) {
  if (partial?.kind !== 'name') return null;
  const length = Math.min(offset, partial.end) - partial.start;
  // Whatever is nested in a body counts its offsets there; the length is the same.
  const sign = text[offset - length] ?? '"';
  return { sign, close: sign === '[' ? ']' : sign, length };
}

function suggestionsAt(cursor: Cursor, dialect: Dialect, catalog: Catalog | null): Suggestion[] {
  const wanted = wantedAt(cursor);
  const sources = sourcesOf(cursor.statement, catalog);
  if (cursor.qualifiers.length > 0)
    return afterDot(cursor.qualifiers, sources, dialect, catalog, wanted.kind === 'table');
  switch (wanted.kind) {
    case 'table':
      return [...ctes(sources, cursor), ...tablesOf(catalog, dialect), ...schemasOf(catalog, dialect)];
    case 'columns': {
      const table = wanted.of && findTable(catalog, wanted.of);
      return columnsOf(table ? table.columns : sources.flatMap((one) => one.columns), dialect, table?.name);
    }
    case 'own columns':
      return wanted.names.map((name) => plain('column', 1)(name, quoteName(name, dialect)));
    case 'type':
      return [
        ...typesOf(dialect).map((one) => plain('type', 1)(one)),
        ...(catalog?.types ?? []).map((one) => plain('type', 0)(one, quoteDotted(one, dialect))),
      ];
    case 'new name':
      return [];
    case 'start':
      return [...snippets(dialect), ...words(dialect)];
    default: {
      const own = unique(sources.flatMap((one) => columnsOf(one.columns, dialect, one.alias ?? one.name)));
      return [
        ...own,
        ...aliases(sources, dialect),
        ...tablesOf(catalog, dialect),
        ...words(dialect),
        ...functions(catalog, dialect),
      ];
    }
  }
}

function afterDot(
  qualifiers: string[],
  sources: Source[],
  dialect: Dialect,
  catalog: Catalog | null,
  wantsTable: boolean,
): Suggestion[] {
  const owner = qualifiers.at(-1) ?? '';
  const same = (one: string | null | undefined) => one?.toLowerCase() === owner.toLowerCase();
  const inSchema = (catalog?.tables ?? [])
    .filter((one) => same(one.schema_name) || (!one.schema_name && same(catalog?.default_schema)))
    .map((one) => tableSuggestion(one, quoteName(one.name, dialect)));
  if (wantsTable && inSchema.length > 0) return inSchema;
  if (qualifiers.length === 1) {
    // The nearest mention counts: statements without a semicolon between them are seen as one.
    const source =
      sources.findLast((one) => goesBy(one, owner) && one.columns.length > 0) ??
      sources.find((one) => same(one.name));
    if (source) return columnsOf(source.columns, dialect, source.name);
  }
  const table = findTable(catalog, qualifiers);
  if (table) return columnsOf(table.columns, dialect, table.name);
  return qualifiers.length === 1 ? inSchema : [];
}

const KINDS: Record<string, string> = {
  materialized_view: 'materialized view',
  foreign_table: 'foreign table',
};

const tableSuggestion = (table: CatalogTable, insert: string): Suggestion => ({
  label: table.name,
  insert,
  kind: 'table',
  detail: table.kind === 'table' ? (table.schema_name ?? 'table') : (KINDS[table.kind] ?? table.kind),
  rank: 2,
});

export const tablesOf = (catalog: Catalog | null, dialect: Dialect): Suggestion[] =>
  (catalog?.tables ?? []).map((one) =>
    tableSuggestion(one, tableName(one, catalog?.default_schema ?? null, dialect)),
  );

function schemasOf(catalog: Catalog | null, dialect: Dialect): Suggestion[] {
  const names = new Set((catalog?.tables ?? []).map((one) => one.schema_name));
  if (names.size < 2) return [];
  return [...names]
    .filter((one) => one !== null)
    .map((one) => ({ ...plain('schema', 4)(one, quoteName(one, dialect)), detail: 'schema' }));
}

const ctes = (sources: Source[], { statement, partial }: Cursor): Suggestion[] =>
  sources
    .filter((one) => one.table === null && one.columns.length > 0 && one.alias === null)
    .filter((one) => one.name !== partial?.text && statement.length > 0)
    .map((one) => ({
      label: one.name,
      insert: one.name,
      kind: 'table',
      detail: 'in this statement',
      rank: 1,
    }));

const aliases = (sources: Source[], dialect: Dialect): Suggestion[] =>
  unique(
    sources
      .filter((one) => one.alias !== null)
      .map((one) => ({
        label: one.alias ?? '',
        insert: quoteName(one.alias ?? '', dialect),
        kind: 'table' as const,
        detail: one.name === one.alias ? 'sub-query' : one.name,
        rank: 2,
      })),
  );

const columnsOf = (columns: CatalogColumn[], dialect: Dialect, of?: string): Suggestion[] =>
  columns.map((column) => ({
    label: column.name,
    insert: quoteName(column.name, dialect),
    kind: 'column',
    detail: [column.type && `${column.type}${column.nullable ? '' : ' not null'}`, of]
      .filter(Boolean)
      .join(' · '),
    rank: 1,
  }));

const words = (dialect: Dialect): Suggestion[] =>
  keywordsOf(dialect).map((word) => plain('keyword', 3)(word));

const functions = (catalog: Catalog | null, dialect: Dialect): Suggestion[] => [
  ...(catalog?.functions ?? []).map((one) => plain('function', 4)(one, quoteDotted(one, dialect))),
  ...(catalog?.types ?? []).map((one) => plain('type', 4)(one, quoteDotted(one, dialect))),
];

/** The catalog names what is not in the default schema as `schema.name`. */
const quoteDotted = (name: string, dialect: Dialect) =>
  name
    .split('.')
    .map((one) => quoteName(one, dialect))
    .join('.');

const snippets = (dialect: Dialect): Suggestion[] =>
  snippetsOf(dialect).map((one) => ({
    label: one.name,
    insert: one.up,
    kind: 'snippet',
    detail: one.about,
    rank: 2,
  }));

export function unique(suggestions: Suggestion[]): Suggestion[] {
  const seen = new Set<string>();
  return suggestions.filter(({ label }) => !seen.has(label) && seen.add(label));
}

export const plain =
  (kind: Kind, rank: number) =>
  (label: string, insert = label): Suggestion => ({ label, insert, kind, rank });
