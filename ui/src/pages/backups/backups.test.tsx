import { act, screen, within } from '@testing-library/react';
import { describe, expect, test, vi } from 'vitest';
import { emit } from '../../api/events';
import { followJobs, jobs } from '../../api/jobs';
import type { BackupListed } from '../../api/types.generated';
import { restoreAsked } from '../../components/backup/ask';
import { RestoreSheetHost } from '../../components/backup/RestoreSheet';
import { listenForKeys } from '../../lib/commands';
import { type Answers, fail, renderPage } from '../../test/render';
import { aBackup, aPlan, aRestored } from '../../test/safety';
import { aConnection, aJob, anEngine } from '../../test/samples';
import BackupsPage from '.';

const LIST: BackupListed[] = [
  aBackup({
    id: 'newest',
    reason: 'manual',
    note: 'Before the big clean-up',
    migrations: [],
    run_id: null,
    run_state: null,
    pinned: true,
    kept_because: ['You keep it.', 'It is the newest good one.'],
  }),
  aBackup({ id: 'of-a-failed-run', run_state: 'failed', kept_because: ['before a run that failed'] }),
  aBackup({ id: 'broken', state: 'damaged', problem: 'shop.dump is missing.', restorable: false }),
];

function open(backups = LIST, answers: Answers = {}, at = '/c/shop/backups') {
  jobs.set(new Map());
  restoreAsked.set(null);
  return renderPage(
    <>
      <BackupsPage />
      <RestoreSheetHost />
    </>,
    {
      path: '/c/:connection/backups',
      at,
      answers: {
        'connection:list': { connections: [aConnection()], problems: [] },
        'connection:engines': { engines: [anEngine()] },
        'backup:list': { backups, problems: [] },
        'backup:plan': aPlan(),
        'backup:get': (asked) => backups.find((one) => one.id === asked.backup_id) ?? aBackup(),
        'backup:commands': { shell: 'pg_restore --dbname=shop shop.dump', folder: '/backups' },
        ...answers,
      },
    },
  );
}

const row = async (text: string | RegExp) => {
  const grid = await screen.findByRole('grid', { name: 'Backups' });
  return within(grid).getByText(text).closest('[role="row"]') as HTMLElement;
};

test('an empty page says what belongs here and makes the first one', async () => {
  const { user, called } = open([], { 'backup:create': aBackup() });
  expect(await screen.findByText('No backup of shop yet')).toBeInTheDocument();
  const [inHead] = await screen.findAllByRole('button', { name: 'Back up shop now' });
  await vi.waitFor(() => expect(inHead).toBeEnabled());
  await user.click(inHead as HTMLElement);
  await vi.waitFor(() => expect(called('backup:create')).toHaveLength(1));
  expect(called('backup:create')[0]).toMatchObject({ connection: 'shop' });
});

test('each row says why, how much, and whether it can be relied on', async () => {
  open();
  const manual = await row('Before the big clean-up');
  expect(manual).toHaveTextContent('By hand');
  expect(manual).toHaveTextContent('Good');
  expect(manual).toHaveTextContent('2 tables1,203 rows');
  expect(
    within(manual).getByRole('img', { name: 'Kept: You keep it. It is the newest good one.' }),
  ).toBeInTheDocument();
  const grid = screen.getByRole('grid', { name: 'Backups' });
  const rows = within(grid).getAllByRole('row').slice(1);
  expect(rows[1]).toHaveTextContent('Before applying create_users and 1 more');
  expect(rows[1]).toHaveTextContent('Failed');
  expect(rows[2]).toHaveTextContent('Damaged');
  expect(within(rows[2] as HTMLElement).getByRole('button', { name: /^Restore/ })).toBeDisabled();
});

test('what a backup would take and what is made by itself stand over the list', async () => {
  open();
  expect(await screen.findByText('Up to 12 MB, 40 GB are free')).toBeInTheDocument();
  expect(screen.getByText('Set to: on production only')).toBeInTheDocument();
  expect(screen.getByText('The newest 20, for 90 days')).toBeInTheDocument();
});

test('where none can be made, the button says why', async () => {
  open([], { 'backup:plan': aPlan({ possible: false, problem: 'pg_dump 18 was not found.' }) });
  expect(await screen.findByText('pg_dump 18 was not found.')).toBeInTheDocument();
  for (const button of screen.getAllByRole('button', { name: 'Back up shop now' }))
    expect(button).toBeDisabled();
});

test('broken folders are told', async () => {
  open(LIST, { 'backup:list': { backups: LIST, problems: ['x is no whole backup.', 'y is gone.'] } });
  const problems = await screen.findByRole('region', { name: 'Problems' });
  expect(problems).toHaveTextContent('2 things among the backups are not right');
  expect(screen.queryByText('y is gone.')).not.toBeInTheDocument();
  within(problems).getByRole('button').click();
  expect(await screen.findByText('y is gone.')).toBeInTheDocument();
});

test('a backup that runs elsewhere is seen, with the way to stop it', async () => {
  const { user, called } = open(LIST, {
    'job:cancel': aJob({ channel: 'backup:create', state: 'cancelled' }),
    'job:get': aJob({ channel: 'backup:create' }),
  });
  await screen.findByRole('grid', { name: 'Backups' });
  const stop = followJobs();
  act(() => {
    emit('job:started', {
      job_id: 'job-1',
      job: aJob({ channel: 'backup:create', message: 'Reading public.users', done: 1, total: 4 }),
    });
  });
  const strip = await screen.findByRole('region', { name: 'Backing up shop' });
  expect(strip).toHaveTextContent('Reading public.users');
  expect(strip).toHaveTextContent('25 %');
  await user.click(within(strip).getByRole('button', { name: 'Cancel the backup' }));
  expect(called('job:cancel')).toEqual([{ job_id: 'job-1' }]);
  stop();
});

test('one that failed says why until it is dismissed', async () => {
  const { user } = open([], {
    'backup:create': () => fail({ code: 'disk_full', title: 'The disk is full', message: 'Needs 12 MB.' }),
  });
  const [button] = await screen.findAllByRole('button', { name: 'Back up shop now' });
  await vi.waitFor(() => expect(button).toBeEnabled());
  await user.click(button as HTMLElement);
  expect(await screen.findByText('The disk is full')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByText('The disk is full')).not.toBeInTheDocument();
});

test('the keys speak of the row that is chosen', async () => {
  const { user, called } = open(LIST, { 'backup:verify': LIST[1] as BackupListed });
  const stop = listenForKeys();
  const grid = await screen.findByRole('grid', { name: 'Backups' });
  grid.focus();
  await user.keyboard('{ArrowDown}v');
  await vi.waitFor(() => expect(called('backup:verify')[0]).toMatchObject({ backup_id: 'of-a-failed-run' }));
  await user.keyboard('r');
  expect(await screen.findByRole('dialog', { name: /^Restore a backup of shop/ })).toBeInTheDocument();
  stop();
});

describe('the details', () => {
  test('tell what is in it, what is not, its files and the way back by hand', async () => {
    const { user } = open(LIST, {}, '/c/shop/backups?backup=of-a-failed-run');
    const drawer = await screen.findByRole('dialog');
    expect(await within(drawer).findByText('public.users')).toBeInTheDocument();
    expect(drawer).toHaveTextContent('Roles of the server are not in it.');
    expect(drawer).toHaveTextContent('Kept because');
    expect(within(drawer).getByRole('link', { name: 'the run' })).toHaveAttribute(
      'href',
      '/c/shop/history?run=run-1',
    );
    await user.click(within(drawer).getByRole('tab', { name: /^Files/ }));
    expect(drawer).toHaveTextContent('ab'.repeat(32));
    await user.click(within(drawer).getByRole('tab', { name: 'By hand' }));
    expect(await within(drawer).findByText('pg_restore --dbname=shop shop.dump')).toBeInTheDocument();
  });

  test('a note is written and a backup pinned', async () => {
    const { user, called } = open(
      LIST,
      { 'backup:update': LIST[1] as BackupListed },
      '/c/shop/backups?backup=of-a-failed-run',
    );
    await user.type(await screen.findByLabelText('Note'), 'for Bob{Enter}');
    await user.click(screen.getByRole('button', { name: 'Pin' }));
    const key = { connection: 'shop', backup_id: 'of-a-failed-run' };
    expect(called('backup:update')).toEqual([
      { ...key, note: 'for Bob' },
      { ...key, pinned: true },
    ]);
  });

  test('deleting asks, and asks for the name where the backend does', async () => {
    const { user, called } = open(
      LIST,
      {
        'backup:delete': (asked) =>
          asked.confirm
            ? { done: true }
            : fail({
                code: 'confirmation_required',
                message: 'It is the newest good one.',
                details: { confirm: 'shop', losses: ['The only way back to 17 January'] },
              }),
      },
      '/c/shop/backups?backup=newest',
    );
    await user.click(await screen.findByRole('button', { name: 'Delete…' }));
    expect(called('backup:delete')).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Delete the backup of shop' }));
    expect(await screen.findByText('The only way back to 17 January')).toBeInTheDocument();
    const go = screen.getByRole('button', { name: 'Delete the backup of shop' });
    expect(go).toBeDisabled();
    await user.type(screen.getByLabelText('Type shop to go on'), 'shop');
    await user.click(go);
    await vi.waitFor(() => expect(called('backup:delete').at(-1)).toMatchObject({ confirm: 'shop' }));
  });
});

describe('a restore', () => {
  const asks = {
    code: 'confirmation_required',
    details: { confirm: 'shop', losses: ['1,300 rows in 2 tables'] },
  };

  test('into the same database names the losses, wants the name, and shows the proof', async () => {
    const { user, called } = open(LIST, {
      'backup:restore': (asked) => (asked.confirm ? aRestored() : fail(asks)),
    });
    await user.click(within(await row('Before the big clean-up')).getByRole('button', { name: /^Restore/ }));
    const sheet = await screen.findByRole('dialog');
    await user.click(await within(sheet).findByRole('button', { name: 'Restore into shop on shop' }));
    expect(await within(sheet).findByText('1,300 rows in 2 tables')).toBeInTheDocument();
    await user.type(within(sheet).getByLabelText('Type shop to go on'), 'shop');
    await user.click(within(sheet).getByRole('button', { name: 'Restore into shop on shop' }));
    const proof = await within(sheet).findByRole('region', { name: 'Proof' });
    expect(proof).toHaveTextContent('Restored, and proven');
    expect(proof).toHaveTextContent('Content the same in each table');
    expect(within(sheet).getByRole('link', { name: 'the backup of it' })).toBeInTheDocument();
    expect(called('backup:restore').map(({ job_id: _, ...rest }) => rest)).toEqual([
      { connection: 'shop', backup_id: 'newest', into: 'same', safety_backup: true },
      { connection: 'shop', backup_id: 'newest', into: 'same', safety_backup: true, confirm: 'shop' },
    ]);
  });

  test('into a new database asks for its name and leads to its connection', async () => {
    const restored = aRestored({
      into: 'new',
      database: 'shop_old',
      new_connection: 'shop-old',
      safety_backup_id: null,
    });
    const { user, called } = open(LIST, {
      'backup:restore': restored,
      'connection:list': {
        connections: [aConnection(), aConnection({ id: 'shop-old', name: 'shop old' })],
        problems: [],
      },
    });
    await user.click(within(await row('Before the big clean-up')).getByRole('button', { name: /^Restore/ }));
    const sheet = await screen.findByRole('dialog');
    await user.click(await within(sheet).findByRole('radio', { name: 'Into a new database' }));
    const name = within(sheet).getByLabelText(/Name of the new database/);
    expect(name).toHaveValue('shop_restored');
    await user.clear(name);
    await user.type(name, 'shop_old');
    await user.click(within(sheet).getByRole('button', { name: 'Restore into the new shop_old' }));
    expect(await within(sheet).findByRole('button', { name: 'Open shop old' })).toBeInTheDocument();
    expect(called('backup:restore')[0]).toMatchObject({
      into: 'new',
      database: 'shop_old',
      on: null,
      add_connection: true,
    });
  });

  test('that is not equal says what differs, and offers what was there before', async () => {
    const restored = aRestored({
      equal: false,
      checks: [{ what: 'rows', equal: false, differences: ['public.users: 1,200 in the backup, 1,199 now'] }],
    });
    const { user, called } = open(LIST, {
      'backup:restore': () =>
        fail({
          code: 'backup_failed',
          message: 'What was restored is not what the backup holds.',
          details: { restored, safety_backup_id: 'of-a-failed-run' },
        }),
    });
    await user.click(within(await row('Before the big clean-up')).getByRole('button', { name: /^Restore/ }));
    await user.click(await screen.findByRole('button', { name: 'Restore into shop on shop' }));
    const proof = await screen.findByRole('region', { name: 'Proof' });
    expect(proof).toHaveTextContent('Restored, but not proven equal');
    expect(proof).toHaveTextContent('1,199 now');
    expect(proof).not.toHaveTextContent('and proven');
    await user.click(screen.getByRole('button', { name: 'Go back to what was there before…' }));
    await vi.waitFor(() =>
      expect(called('backup:get').at(-1)).toMatchObject({ backup_id: 'of-a-failed-run' }),
    );
  });
});
