/** A small error catalogue, shaped as the backend's. */
import type { ErrorCatalogue, ErrorEntry } from '../api/types.generated';

const entry = (key: string, fixes: string[], more: Partial<ErrorEntry> = {}): ErrorEntry => ({
  key,
  group: 'codes',
  title: `Title of ${key}`,
  means: `What ${key} means.`,
  causes: ['One cause.'],
  advice: 'One way.',
  fixes,
  data: null,
  engines: {},
  ...more,
});

const action = (code: string, label: string) => ({ code, label, does: `Does ${code}.` });

export const CATALOGUE: ErrorCatalogue = {
  entries: [
    entry('connection_failed', ['retry', 'edit_connection']),
    entry('authentication_failed', ['unlock', 'edit_connection', 'retry']),
    entry('database_missing', ['create_database', 'edit_connection', 'retry']),
    entry('invalid_url', ['unlock', 'edit_connection']),
    entry('migration_invalid', ['open_file', 'open_migrations']),
    entry('migration_failed', ['open_file', 'retry'], { data: 'PostgreSQL undoes the whole file.' }),
    entry('lock_timeout', ['see_blocker', 'retry', 'raise_lock_timeout']),
    entry('tool_missing', ['show_tools', 'retry']),
    entry('table_exists', ['mark_applied', 'show_table', 'a_fix_of_tomorrow'], {
      group: 'objects',
      title: 'It is there already',
      engines: { postgres: 'IF NOT EXISTS skips it.' },
    }),
    entry('rehearsal_required', ['rehearse', 'edit_connection']),
    entry('module_missing', ['copy_command'], { group: 'texts', title: 'A package is missing' }),
  ],
  actions: [
    action('retry', 'Try again'),
    action('edit_connection', 'Edit the connection'),
    action('create_database', 'Create the database'),
    action('unlock', 'Enter the password'),
    action('open_file', 'Open the file'),
    action('open_migrations', 'Show the migrations'),
    action('show_tools', 'Show the tools'),
    action('show_table', 'Show the table'),
    action('see_blocker', 'See the server'),
    action('raise_lock_timeout', 'Wait longer for locks'),
    action('mark_applied', 'Mark as applied…'),
    action('rehearse', 'Rehearse now'),
    action('a_fix_of_tomorrow', 'A fix of tomorrow'),
  ],
};
