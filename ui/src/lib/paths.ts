/** The addresses of the pages. Pages link to each other through these, never by importing each other. */

const of = (connection: string) => `/c/${encodeURIComponent(connection)}`;

export const paths = {
  home: '/',
  connections: '/connections',
  settings: '/settings',
  migrations: (connection: string) => `${of(connection)}/migrations`,
  /** The editor on a file; `version` is a version or a filename. */
  editor: (connection: string, version: string) => `${of(connection)}/edit/${encodeURIComponent(version)}`,
  newMigration: (connection: string) => `${of(connection)}/new`,
  database: (connection: string) => `${of(connection)}/database`,
  connection: (connection: string) => `${of(connection)}/connection`,
};

/** The page's name within a connection (`migrations`, `edit`, `new`, `database`, `connection`), or null outside one. */
export function pageOf(pathname: string): { connection: string; page: string } | null {
  const found = /^\/c\/([^/]+)\/([^/]+)/.exec(pathname);
  return found?.[1] && found[2] ? { connection: decodeURIComponent(found[1]), page: found[2] } : null;
}
