/** What the name at a place stands for: a table, a column of one, a collection or a field. Pure. */
import type { Catalog, CatalogColumn, CatalogTable } from '../api/types.generated';
import type { Dialect } from './languages';
import { collectionOf, findField } from './mongo/fields';
import { placeAt } from './mongo/place';
import { tokenizeJs } from './mongo/tokens';
import { pathOf, wantedAt } from './mongo/wanted';
import { withOwnTables } from './sql/own';
import { findTable, goesBy, sourcesOf } from './sql/sources';
import { cursorAt } from './sql/statements';
import { isName, tokenize, upper } from './sql/tokens';

export interface Target {
  /** As `migration:definition` wants it. */
  name: string;
  schema_name: string | null;
  column: string | null;
  /** What the live database knows of it. */
  table: CatalogTable | null;
  about: CatalogColumn | null;
  /** Where the name stands in the text. */
  start: number;
  end: number;
}

export const targetAt = (
  text: string,
  offset: number,
  dialect: Dialect,
  catalog: Catalog | null,
): Target | null =>
  dialect === 'mongodb'
    ? targetInJavaScript(text, offset, catalog)
    : targetInSql(text, offset, dialect, withOwnTables(catalog, tokenize(text, dialect), text));

const OBJECT_WORDS =
  /^(?:TABLE|VIEW|INDEX|TYPE|DOMAIN|SEQUENCE|TRIGGER|FUNCTION|PROCEDURE|INTO|FROM|JOIN|UPDATE|REFERENCES|ON|EXISTS|ONLY|CONCURRENTLY|TO|DICTIONARY)$/;

function targetInSql(text: string, offset: number, dialect: Dialect, catalog: Catalog | null): Target | null {
  const tokens = tokenize(text, dialect).filter((one) => one.kind !== 'comment');
  const inside = tokens.findIndex((one) => one.start <= offset && offset <= one.end && isName(one));
  let at = inside;
  // Between a name and the next sign the name before is meant.
  if (at < 0) return targetInBody(text, offset, dialect, catalog);
  if (tokens[at + 1] && isName(tokens[at + 1]) && tokens[at + 1]?.start === offset) at += 1;
  const token = tokens[at];
  if (!isName(token)) return null;
  const qualifiers: string[] = [];
  for (let dot = at - 1; upper(tokens[dot]) === '.' && isName(tokens[dot - 1]); dot -= 2)
    qualifiers.unshift(tokens[dot - 1]?.text ?? '');
  const place = { start: token.start, end: token.end };
  const { statement } = cursorAt(text, token.end, dialect);
  const sources = sourcesOf(statement, catalog);
  const same = (one: string) => one.toLowerCase() === token.text.toLowerCase();
  const tableTarget = (table: CatalogTable | null, schema: string | null = null): Target => ({
    name: table?.name ?? token.text,
    schema_name: schemaOf(table, schema, catalog),
    column: null,
    table,
    about: null,
    ...place,
  });
  const columnTarget = (table: CatalogTable, about: CatalogColumn): Target => ({
    ...tableTarget(table),
    name: table.name,
    column: about.name,
    about,
  });
  const owner = qualifiers.at(-1);
  if (owner !== undefined) {
    const source =
      sources.findLast((one) => goesBy(one, owner) && one.table !== null) ??
      sources.find((one) => one.name.toLowerCase() === owner.toLowerCase());
    const table = source?.table ?? findTable(catalog, qualifiers);
    const about = table?.columns.find((one) => same(one.name));
    if (table && about) return columnTarget(table, about);
    const inSchema = findTable(catalog, [...qualifiers, token.text]);
    if (inSchema) return tableTarget(inSchema);
    // A table of a file that has not run yet is known by its schema and name only.
    return source || table ? null : tableTarget(null, owner);
  }
  const before = upper(tokens[at - 1]);
  const isNamed = OBJECT_WORDS.test(before) || sources.some((one) => one.table && same(one.name));
  const alias = sources.find((one) => one.alias !== null && same(one.alias));
  if (alias?.table && !isNamed) return tableTarget(alias.table);
  if (upper(tokens[at + 1]) === '.') {
    const named = alias?.table ?? sources.find((one) => same(one.name))?.table;
    return named ? tableTarget(named) : null;
  }
  if (isNamed)
    return sources.some((one) => same(one.name) && one.table === null && one.columns.length > 0)
      ? null
      : tableTarget(findTable(catalog, [token.text]) ?? null);
  for (const source of sources) {
    const about = source.table?.columns.find((one) => same(one.name));
    if (source.table && about) return columnTarget(source.table, about);
  }
  if (token.kind === 'word' && sources.length > 0 && !findTable(catalog, [token.text])) return null;
  const table = findTable(catalog, [token.text]);
  return table ? tableTarget(table) : null;
}

/** In a function's body between its dollars. */
function targetInBody(
  text: string,
  offset: number,
  dialect: Dialect,
  catalog: Catalog | null,
): Target | null {
  const body = tokenize(text, dialect).find(
    (one) => one.kind === 'body' && one.start < offset && offset < one.end,
  );
  if (!body) return null;
  const tag = /^\$[^$]*\$/.exec(body.text)?.[0].length ?? 2;
  const from = body.start + tag;
  const found = targetInSql(text.slice(from, body.end - tag), offset - from, dialect, catalog);
  return found && { ...found, start: found.start + from, end: found.end + from };
}

/** Only a schema that is not the default one: migrations leave that out. */
function schemaOf(
  table: CatalogTable | null,
  written: string | null,
  catalog: Catalog | null,
): string | null {
  const schema = table ? table.schema_name : written;
  return schema && schema !== catalog?.default_schema ? schema : null;
}

function targetInJavaScript(text: string, offset: number, catalog: Catalog | null): Target | null {
  const token = tokenizeJs(text).find(
    (one) => one.start <= offset && offset <= one.end && (one.kind === 'string' || one.kind === 'word'),
  );
  if (!token) return null;
  const isString = token.kind === 'string';
  // What would be wanted there says what it is.
  const place = placeAt(text, isString ? token.start + 1 : token.end);
  if (place.isComment) return null;
  const bounds = isString
    ? { start: token.start + 1, end: token.end - 1 }
    : { start: token.start, end: token.end };
  const wanted = wantedAt(place);
  const ofCollection = (name: string): Target => ({
    name,
    schema_name: null,
    column: null,
    table: collectionOf(catalog, name) ?? null,
    about: null,
    ...bounds,
  });
  if (isString && (wanted.kind === 'collection' || pathOf(place)?.method === 'createCollection'))
    return pathOf(place)?.argument === 0 || wanted.kind === 'collection' ? ofCollection(token.text) : null;
  const ofField = (collection: string, path: string): Target | null =>
    collection === '' || path.startsWith('$')
      ? null
      : { ...ofCollection(collection), column: path, about: findField(catalog, collection, path) ?? null };
  if (wanted.kind === 'fields')
    return ofField(wanted.collection, wanted.under ? `${wanted.under}.${token.text}` : token.text);
  if (wanted.kind === 'field text') return ofField(wanted.collection, token.text.replace(/^\$/, ''));
  return null;
}
