/** Names as they must be written in a statement of the dialect: quoted only where that is needed. Pure. */
import type { Dialect } from './languages';

const PLAIN: Record<Dialect, RegExp> = {
  // PostgreSQL folds unquoted names to lower case, so anything else needs its quotes.
  postgres: /^[a-z_][a-z0-9_$]*$/,
  mysql: /^[A-Za-z_$][\w$]*$/,
  sqlite: /^[A-Za-z_][\w$]*$/,
  clickhouse: /^[A-Za-z_]\w*$/,
  bigquery: /^[A-Za-z_]\w*$/,
  spanner: /^[A-Za-z_]\w*$/,
  mongodb: /^[A-Za-z_$][\w$]*$/,
};

// The words that are likely as names and reserved in (nearly) every dialect.
const RESERVED = new Set(
  `all and any as asc between by case check column constraint create cross current_date current_time
  current_timestamp default delete desc distinct drop else end except exists false for foreign from full grant group
  having in index inner insert intersect into is join key left like limit natural not null offset on or order outer
  primary references right select set table then to true union unique update user using values view when where with`
    .split(/\s+/)
    .filter(Boolean),
);

export function quoteName(name: string, dialect: Dialect): string {
  if (dialect === 'mongodb') return name;
  if (PLAIN[dialect].test(name) && !RESERVED.has(name.toLowerCase())) return name;
  if (dialect === 'mysql' || dialect === 'bigquery' || dialect === 'spanner')
    return `\`${name.replaceAll('`', '``')}\``;
  if (dialect === 'clickhouse') return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's name with its schema where it is not the default one. */
export function tableName(
  table: { schema_name: string | null; name: string },
  defaultSchema: string | null,
  dialect: Dialect,
): string {
  const own = quoteName(table.name, dialect);
  if (!table.schema_name || table.schema_name === defaultSchema || dialect === 'mongodb') return own;
  return `${quoteName(table.schema_name, dialect)}.${own}`;
}

/** A collection as JavaScript names it: `db.collection("orders")`. */
export const collectionCall = (name: string) => `db.collection(${JSON.stringify(name)})`;
