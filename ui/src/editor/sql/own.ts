/** Tables that the text itself makes: they are known before they are in the database. Pure. */
import type { Catalog, CatalogColumn, CatalogTable } from '../../api/types.generated';
import { closing, statementsOf } from './statements';
import { isName, type Token, upper } from './tokens';

const ITEMS =
  /^(?:CONSTRAINT|PRIMARY|FOREIGN|UNIQUE|CHECK|KEY|INDEX|EXCLUDE|LIKE|FULLTEXT|SPATIAL|PERIOD|PROJECTION)$/;
const AFTER_TYPE =
  /^(?:NOT|NULL|DEFAULT|PRIMARY|UNIQUE|REFERENCES|CHECK|GENERATED|AUTO_INCREMENT|AUTOINCREMENT|COLLATE|CONSTRAINT|COMMENT|CODEC|TTL|AS|ON|OPTIONS|ENCODE|STORAGE|MATERIALIZED|ALIAS|EPHEMERAL|INVISIBLE|CHARACTER|CHARSET)$/;

/** The catalog with the text's own tables behind those that are there. */
export function withOwnTables(catalog: Catalog | null, tokens: Token[], text: string): Catalog | null {
  const made: CatalogTable[] = [];
  for (const statement of statementsOf(tokens)) {
    const words = statement.slice(0, 8).map(upper);
    const at = words.indexOf('TABLE');
    if (words[0] !== 'CREATE' || at < 0) continue;
    const table = tableOf(statement, at + 1, text);
    const known = [...(catalog?.tables ?? []), ...made];
    if (table && !known.some((one) => one.name.toLowerCase() === table.name.toLowerCase())) made.push(table);
  }
  if (made.length === 0) return catalog;
  return {
    default_schema: null,
    functions: [],
    types: [],
    ...catalog,
    tables: [...(catalog?.tables ?? []), ...made],
  };
}

function tableOf(statement: Token[], from: number, text: string): CatalogTable | null {
  let at = from;
  while (/^(?:IF|NOT|EXISTS)$/.test(upper(statement[at]))) at += 1;
  const parts: string[] = [];
  while (isName(statement[at])) {
    parts.push(statement[at]?.text ?? '');
    at += 1;
    if (upper(statement[at]) !== '.') break;
    at += 1;
  }
  const name = parts.at(-1);
  if (name === undefined || upper(statement[at]) !== '(') return null;
  return {
    schema_name: parts.at(-2) ?? null,
    name,
    kind: 'table',
    rows: null,
    indexes: [],
    columns: columnsOf(statement.slice(at + 1, closing(statement, at)), text),
  };
}

function columnsOf(tokens: Token[], text: string): CatalogColumn[] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const word = upper(token);
    if (word === '(') depth += 1;
    if (word === ')') depth -= 1;
    if (word === ',' && depth === 0) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.flatMap((item) => {
    const [first, ...rest] = item;
    if (!isName(first) || (first.kind === 'word' && ITEMS.test(upper(first)))) return [];
    const words = rest.map(upper);
    const end = words.findIndex((one) => AFTER_TYPE.test(one));
    const type = rest.slice(0, end < 0 ? undefined : end);
    const isKey = words.some((one, at) => one === 'PRIMARY' && words[at + 1] === 'KEY');
    return [
      {
        name: first.text,
        type: type.length > 0 ? text.slice(type[0]?.start, type.at(-1)?.end).replace(/\s+/g, ' ') : '',
        nullable: !isKey && !words.some((one, at) => one === 'NOT' && words[at + 1] === 'NULL'),
        default: null,
        primary_key: isKey,
        comment: null,
      },
    ];
  });
}
