/** What each fix of the catalogue does. One it does not know, or cannot do here, has no button. */
import type { ChannelError } from '../../api/invoke';
import { paths } from '../../lib/paths';
import { askFailure } from '../failure/ask';
import { askRun } from '../run/ask';
import { askUnlock } from '../unlock';
import { placeOf } from './place';

export interface FixContext {
  error: ChannelError;
  /** What lies behind it, where it carries a cause. */
  cause: ChannelError;
  connection: string | null;
  needsPassword: boolean;
  onRetry?(): void;
  go(address: string): void;
  createDatabase(connection: string): void;
}

export interface Fix {
  /** Instead of the catalogue's label. */
  label?: string;
  filled?: boolean;
  run(): void;
}

type Maker = (context: FixContext) => Fix | null;

const text = (value: unknown): string | null => (typeof value === 'string' && value ? value : null);
const detail = ({ error, cause }: FixContext, name: string) =>
  text(error.details[name]) ?? text(cause.details[name]);
const to = (address: (connection: string) => string): Maker => {
  return ({ connection, go }) => (connection ? { run: () => go(address(connection)) } : null);
};
const settings =
  (section: string): Maker =>
  ({ go }) => ({ run: () => go(`${paths.settings}?section=${section}`) });
const copied = (value: string): Fix => ({ run: () => void navigator.clipboard.writeText(value) });

const FIXES: Record<string, Maker> = {
  retry: ({ onRetry }) => (onRetry ? { run: onRetry } : null),
  reload: () => ({ run: () => window.location.reload() }),
  edit_connection: to(paths.connection),
  all_connections: ({ go }) => ({ run: () => go(paths.connections) }),
  unlock: ({ connection, needsPassword, onRetry }) =>
    connection && needsPassword ? { run: () => askUnlock(connection, onRetry) } : null,
  create_database: ({ connection, createDatabase }) =>
    connection ? { filled: true, run: () => createDatabase(connection) } : null,
  open_file: (context) => openFile(context),
  open_migrations: to(paths.migrations),
  new_migration: to(paths.newMigration),
  mark_applied: ({ connection, error, cause }) => {
    const place = placeOf(error) ?? placeOf(cause);
    return connection && place
      ? {
          run: () =>
            askRun({ channel: 'migration:baseline', connection, versions: [place.file], mark: 'applied' }),
        }
      : null;
  },
  show_failure: ({ connection, error, cause }) => {
    const place = placeOf(error) ?? placeOf(cause);
    return connection && place ? { run: () => askFailure({ connection, version: place.file }) } : null;
  },
  rehearse: ({ connection, error }) => {
    const versions = error.details.versions;
    return connection && Array.isArray(versions)
      ? {
          filled: true,
          run: () =>
            askRun({ channel: 'migration:up', connection, versions: versions as string[], rehearse: true }),
        }
      : null;
  },
  show_table: (context) => {
    const { connection, go } = context;
    const table = detail(context, 'table');
    return connection && table
      ? { label: `Show ${table}`, run: () => go(paths.tables(connection, table)) }
      : null;
  },
  compare_schema: to(paths.schema),
  schema_file: to(paths.database),
  see_blocker: to(paths.database),
  raise_lock_timeout: settings('safety'),
  raise_server_timeout: settings('safety'),
  allow_out_of_order: settings('safety'),
  show_history: to(paths.history),
  show_tools: settings('tools'),
  open_log: settings('about'),
  show_backups: to((connection) => paths.backups(connection)),
  backup_settings: to(paths.backupSettings),
  copy_command: (context) => {
    const command = detail(context, 'command');
    return command ? { ...copied(command), label: `Copy “${command}”` } : null;
  },
  copy_path: (context) => {
    const path = detail(context, 'path');
    return path ? copied(path) : null;
  },
};

function openFile({ connection, error, cause, go }: FixContext): Fix | null {
  const place = placeOf(error) ?? placeOf(cause);
  if (!connection || !place) return null;
  const address = paths.editor(connection, place.file);
  return place.line
    ? { label: `Open at line ${place.line}`, run: () => go(`${address}?line=${place.line}`) }
    : { label: `Open ${place.file}`, run: () => go(address) };
}

/** The fix of an action, or null where it cannot be done from here. */
export const fixOf = (action: string, context: FixContext): Fix | null => FIXES[action]?.(context) ?? null;

/** Whether this front end knows an action at all. */
export const isKnownFix = (action: string) => action in FIXES;
