import { act, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { jobs, type LiveJob, showJob } from '../../api/jobs';
import type { Plan, Run } from '../../api/types.generated';
import { aPreview } from '../../test/previews';
import { type Answers, fail, renderPage } from '../../test/render';
import { aBackup, aPlan as aBackupPlan, aFailure } from '../../test/safety';
import { aConnection, aMigration, anEngine } from '../../test/samples';
import { restoreAsked } from '../backup/ask';
import { failureAsked } from '../failure/ask';
import RunPanel from '.';
import { askRun, runAsked } from './ask';

const FILE = '20260117120000_create_users.sql';

const aPlan = (change: Partial<Plan> = {}): Plan => ({
  direction: 'up',
  migrations: [aMigration()],
  problems: [],
  warnings: [],
  losses: [],
  needs_confirmation: false,
  confirm: null,
  ...change,
});

const aRun = (change: Partial<Run> = {}): Run => ({
  run_id: 'r1',
  connection: 'shop',
  direction: 'up',
  ok: true,
  migrations: [
    {
      version: '20260117120000',
      filename: FILE,
      status: 'applied',
      duration_ms: 3,
      error: null,
      partial: false,
      landed: [],
    },
  ],
  backup_id: null,
  rollback_check: null,
  warnings: [],
  schema_dumped: true,
  schema_problem: null,
  cancelled: false,
  started_at: null,
  finished_at: null,
  duration_ms: 1200,
  output: '',
  ...change,
});

function show(answers: Answers = {}, change = {}) {
  return renderPage(<RunPanel />, {
    path: '/c/:connection/migrations',
    at: '/c/shop/migrations',
    answers: {
      'connection:list': { connections: [aConnection(change)], problems: [] },
      'connection:engines': { engines: [anEngine()] },
      'migration:plan': aPlan(),
      'preview:show': aPreview(),
      'migration:up': aRun(),
      'migration:down': aRun({ direction: 'down' }),
      'backup:plan': aBackupPlan(),
      'backup:get': aBackup(),
      'failure:show': aFailure(),
      ...answers,
    },
  });
}

beforeEach(() => {
  jobs.set(new Map<string, LiveJob>());
  showJob(null);
  runAsked.set(null);
  restoreAsked.set(null);
  failureAsked.set(null);
});

const ask = (channel: 'migration:up' | 'migration:down' = 'migration:up') =>
  act(() => askRun({ channel, connection: 'shop' }));
const backUp = () => screen.findByRole('switch', { name: 'Back up shop first' });

describe('a backup before the run', () => {
  test('is off where the settings want none, and asked for this once', async () => {
    const { user, called } = show();
    ask();
    const wanted = await backUp();
    expect(wanted).not.toBeChecked();
    await user.click(wanted);
    expect(await screen.findByText(/^For this once · Up to 12 MB/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Apply 1 to shop' }));
    await vi.waitFor(() => expect(called('migration:up')[0]).toMatchObject({ backup: true }));
  });

  test('is on where the settings want one; then nothing is said about it', async () => {
    const { user, called } = show({}, { backups: { ...aConnection().backups, before_up: 'always' } });
    ask();
    await vi.waitFor(async () => expect(await backUp()).toBeChecked());
    await user.click(screen.getByRole('button', { name: 'Apply 1 to shop' }));
    await vi.waitFor(() => expect(called('migration:up')).toHaveLength(1));
    expect(called('migration:up')[0]).not.toHaveProperty('backup');
  });

  test('is left out for this once where it was on', async () => {
    const { user, called } = show({}, { backups: { ...aConnection().backups, before_up: 'always' } });
    ask();
    await vi.waitFor(async () => expect(await backUp()).toBeChecked());
    await user.click(await backUp());
    await user.click(screen.getByRole('button', { name: 'Apply 1 to shop' }));
    await vi.waitFor(() => expect(called('migration:up')[0]).toMatchObject({ backup: false }));
  });
});

describe('a rollback that cannot be', () => {
  const way = (code: string, channel: string, label: string, more = {}) => ({
    code,
    channel,
    label,
    versions: [FILE],
    ...more,
  });
  const refused = () =>
    show({
      'migration:plan': aPlan({
        direction: 'down',
        problems: [
          {
            code: 'migration_invalid',
            title: 'It cannot be rolled back',
            message: 'The down part is missing.',
            details: {
              files: [FILE],
              reason: 'no_down',
              ways: [
                way('write_down', 'migration:update', 'Write the down part'),
                way('generate_down', 'migration:generate-down', 'Generate the down part'),
                way('restore_backup', 'backup:restore', 'Restore the backup', { backup_id: 'b9' }),
                way('mark_not_applied', 'migration:baseline', 'Mark as not applied', { mark: 'not_applied' }),
              ],
            },
          },
        ],
      }),
    });

  test.each([
    ['Write the down part', 'write'],
    ['Generate the down part', 'generate'],
  ])('%s leads to the editor at its down', async (label, how) => {
    const { user, router } = refused();
    ask('migration:down');
    await user.click(await screen.findByRole('button', { name: label }));
    expect(router.state.location.pathname + router.state.location.search).toBe(
      `/c/shop/edit/${FILE}?down=${how}`,
    );
    expect(runAsked.get()).toBeNull();
  });

  test('offers the backup from before it', async () => {
    const { user, called } = refused();
    ask('migration:down');
    await user.click(await screen.findByRole('button', { name: 'Restore the backup' }));
    await vi.waitFor(() => expect(called('backup:get')[0]).toEqual({ connection: 'shop', backup_id: 'b9' }));
  });
});

describe('after a rollback', () => {
  const roll = async (check: Run['rollback_check']) => {
    const page = show({ 'migration:down': aRun({ direction: 'down', rollback_check: check }) });
    ask('migration:down');
    await page.user.click(await screen.findByRole('button', { name: 'Roll back 1 on shop' }));
    return screen.findByRole('region', { name: 'What happened' });
  };

  test('it says that the schema is what it was', async () => {
    const said = await roll({ known: true, equal: true, taken_at: null, differences: [] });
    expect(said).toHaveTextContent('The schema is what it was before they were applied.');
  });

  test('it names what differs', async () => {
    const said = await roll({
      known: true,
      equal: false,
      taken_at: null,
      differences: ['+ index users_name'],
    });
    expect(said).toHaveTextContent('The schema is not what it was');
    expect(within(said).getByRole('list', { name: 'Differences from before' })).toHaveTextContent(
      '+ index users_name',
    );
  });

  test('it claims nothing where it is not known', async () => {
    const said = await roll({ known: false, equal: null, taken_at: null, differences: [] });
    expect(said).toHaveTextContent('is not known');
  });
});

describe('after a failure', () => {
  const failing = () => {
    const [file] = aRun().migrations;
    const run = aRun({
      ok: false,
      backup_id: 'b1',
      migrations: [
        { ...file, status: 'failed', partial: true, landed: ['+ table users'] } as Run['migrations'][0],
      ],
    });
    return show({
      'migration:up': () =>
        fail({
          code: 'migration_failed',
          message: 'It failed.',
          details: { run } as Record<string, unknown>,
        }),
    });
  };

  test('the ways out and the backup from before the run are one press away', async () => {
    const { user } = failing();
    ask();
    await user.click(await screen.findByRole('button', { name: 'Apply 1 to shop' }));
    await user.click(await screen.findByRole('button', { name: 'What now…' }));
    expect(await screen.findByRole('dialog')).toHaveTextContent('What happened to create_users on shop');
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Restore the backup from before this run…' }));
    expect(await screen.findByRole('dialog', { name: /^Restore a backup of shop/ })).toBeInTheDocument();
  });
});
