/** The fixes that lead to the safety nets: a failure's ways out, a rehearsal, the backups and their settings. */
import { beforeEach, expect, test, vi } from 'vitest';
import { ChannelError } from '../../api/invoke';
import { failureAsked } from '../failure/ask';
import { runAsked } from '../run/ask';
import { fixOf } from './fixes';

const go = vi.fn();

const press = (action: string, details: Record<string, unknown> = {}, connection: string | null = 'shop') => {
  const error = new ChannelError({ code: 'migration_failed', title: 't', message: 'm', details });
  const context = { error, cause: error, connection, needsPassword: false, go, createDatabase: () => {} };
  const fix = fixOf(action, context);
  fix?.run();
  return fix;
};

beforeEach(() => {
  go.mockClear();
  failureAsked.set(null);
  runAsked.set(null);
});

test('the ways out of a failure are those of the file that failed', () => {
  press('show_failure', { file: '1_a.sql', line: 5 });
  expect(failureAsked.get()).toEqual({ connection: 'shop', version: '1_a.sql' });
});

test('a rehearsal is of the very files that ask for it, and rehearses at once', () => {
  press('rehearse', { versions: ['1_a.sql', '2_b.sql'] });
  expect(runAsked.get()).toEqual({
    channel: 'migration:up',
    connection: 'shop',
    versions: ['1_a.sql', '2_b.sql'],
    rehearse: true,
  });
});

test('the backups and their settings are those of the connection', () => {
  press('show_backups');
  press('backup_settings');
  expect(go.mock.calls).toEqual([['/c/shop/backups'], ['/c/shop/connection?tab=backups']]);
});

test('without what they need none of them has a button', () => {
  expect(['show_failure', 'rehearse'].map((one) => press(one))).toEqual([null, null]);
  expect(['show_backups', 'backup_settings'].map((one) => press(one, {}, null))).toEqual([null, null]);
});
