/** What the screens call the engines, environments and capabilities. Words only. */
import type { Connection, EngineName, EnvironmentKind, SecretPlace } from '../api/types.generated';

export const ENGINE_LABELS: Record<EngineName, string> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL / MariaDB',
  sqlite: 'SQLite',
  mongodb: 'MongoDB',
  clickhouse: 'ClickHouse',
  bigquery: 'BigQuery',
  spanner: 'Spanner',
};

export const ENVIRONMENTS: Array<{ value: EnvironmentKind; label: string; note: string }> = [
  { value: 'development', label: 'Development', note: 'Yours to break' },
  { value: 'test', label: 'Test', note: 'Shared, made again at will' },
  { value: 'staging', label: 'Staging', note: 'Like production' },
  { value: 'production', label: 'Production', note: 'Every change asks first' },
];

export const SECRET_PLACES: Array<{ value: SecretPlace; label: string; note: string }> = [
  { value: 'keychain', label: 'Keychain', note: 'In the system’s keychain' },
  { value: 'env_file', label: '.env file', note: 'Readable by you only, never in git, exports or backups' },
  { value: 'variable', label: 'A variable', note: 'The URL names ${VARIABLE}; you provide it' },
  { value: 'ask', label: 'Ask each time', note: 'Kept in memory until the app ends' },
];

export const CAPABILITY_LABELS: Record<string, string> = {
  transactional_ddl: 'A failed migration leaves nothing behind',
  create_database: 'Create the database',
  drop_database: 'Drop the database',
  dump_schema: 'Write schema.sql',
  load_schema: 'Load schema.sql',
  read_only_session: 'Open the session read-only',
  database_lock: 'One run at a time across machines',
  lock_timeout: 'Stop waiting for a lock after a while',
  end_session: 'Cancel ends the server’s session too',
  activity: 'Show what the server is doing and who blocks',
  change_detection: 'Name what a failed migration left behind',
  catalog: 'List tables and columns',
  backup: 'Back up and restore the database',
  collections: 'Create collections, indexes and validators',
};

/** What the screens call a connection's database: its name, or the file's where it is a file. */
export function databaseName(connection: Pick<Connection, 'database' | 'engine' | 'url' | 'name'>): string {
  if (connection.database) return connection.database;
  const file = connection.engine === 'sqlite' && /([^/\\:]+?)(?:\?.*)?$/.exec(connection.url)?.[1];
  return file || connection.name;
}
