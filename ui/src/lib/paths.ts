/** The addresses of the pages. Pages link to each other through these, never by importing each other. */

const of = (connection: string) => `/c/${encodeURIComponent(connection)}`;

export const paths = {
  home: '/',
  connections: '/connections',
  settings: '/settings',
  /** All connections at a glance. */
  overview: '/home',
  /** What happened on all connections. */
  timelineOfAll: '/timeline',
  dashboard: (connection: string) => `${of(connection)}/dashboard`,
  timeline: (connection: string) => `${of(connection)}/timeline`,
  migrations: (connection: string) => `${of(connection)}/migrations`,
  /** The editor on a file; `version` is a version or a filename. */
  editor: (connection: string, version: string) => `${of(connection)}/edit/${encodeURIComponent(version)}`,
  newMigration: (connection: string) => `${of(connection)}/new`,
  /** Compare, diagram, tables, docs. */
  schema: (connection: string) => `${of(connection)}/schema`,
  /** Tables, views and collections; `table` is an id or the name that is shown. */
  tables: (connection: string, table?: string | null) =>
    `${of(connection)}/schema?tab=tables${table ? `&table=${encodeURIComponent(table)}` : ''}`,
  database: (connection: string) => `${of(connection)}/database`,
  connection: (connection: string) => `${of(connection)}/connection`,
  history: (connection: string) => `${of(connection)}/history`,
  /** The full record of one run. */
  run: (connection: string, runId: string) => `${of(connection)}/history?run=${encodeURIComponent(runId)}`,
  /** Everything that happened to one migration. */
  fileHistory: (connection: string, version: string) =>
    `${of(connection)}/history?file=${encodeURIComponent(version)}`,
  analytics: (connection: string) => `${of(connection)}/analytics`,
  /** The backups; `backup` is the id of one to open. */
  backups: (connection: string, backup?: string | null) =>
    `${of(connection)}/backups${backup ? `?backup=${encodeURIComponent(backup)}` : ''}`,
  /** The connection's own settings of backups. */
  backupSettings: (connection: string) => `${of(connection)}/connection?tab=backups`,
  /** Where a connection opens. */
  landing: (connection: string): string => paths.dashboard(connection),
  /** A risk rule: what it warns of, and the safe way. */
  rule: (code: string) => `/rules/${encodeURIComponent(code)}`,
  rules: '/settings?section=rules',
  /** What a code or reason of the error catalogue means; without one, all of them. */
  error: (key: string) => `/errors/${encodeURIComponent(key)}`,
  errors: '/errors',
};

/** The page's name within a connection (`migrations`, `edit`, `new`, `database`, `connection`), or null outside one. */
export function pageOf(pathname: string): { connection: string; page: string } | null {
  const found = /^\/c\/([^/]+)\/([^/]+)/.exec(pathname);
  return found?.[1] && found[2] ? { connection: decodeURIComponent(found[1]), page: found[2] } : null;
}
