/** How the catalogue's groups and engines are called. Pure. */

const ENGINES: Record<string, string> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL, MariaDB',
  sqlite: 'SQLite',
  clickhouse: 'ClickHouse',
  mongodb: 'MongoDB',
  bigquery: 'BigQuery',
};

export const engineLabel = (name: string) => ENGINES[name] ?? name;

const GROUPS: Record<string, string> = {
  codes: 'Errors of DB Toolkit',
  connecting: 'Connecting',
  definitions: 'Definitions that cannot be carried out',
  objects: 'Things that are there already, or are not',
  plans: 'Runs refused before they began',
  rows: 'Rows and values that do not fit',
  server: 'Locks, limits and the server’s state',
  texts: 'Texts, transactions, scripts',
};

export const groupLabel = (group: string) => GROUPS[group] ?? group;
