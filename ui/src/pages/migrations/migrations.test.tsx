import { act, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showJob } from '../../api/jobs';
import type { Migration, Plan, StatusReport } from '../../api/types.generated';
import RunPanel from '../../components/run';
import { runAsked } from '../../components/run/ask';
import { allCommands, listenForKeys } from '../../lib/commands';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection } from '../../test/samples';
import { type Offer, offersFor, take } from './completion';
import { type Filters, filterMigrations, NO_FILTERS, readFilters, writeFilters } from './filters';
import MigrationsPage from './index';

const aMigration = (filename: string, change: Partial<Migration> = {}): Migration => ({
  version: filename.split('_')[0] ?? '',
  name: filename.replace(/^\d+_|\.sql$/g, ''),
  filename,
  path: `/m/${filename}`,
  status: 'applied',
  flags: [],
  applied_at: '2026-01-17T12:00:00Z',
  duration_ms: 12,
  author: 'Ada',
  author_source: null,
  has_down: true,
  tables: [],
  sha256: 'a',
  error: null,
  transaction: true,
  size_bytes: 10,
  modified_at: null,
  problems: [],
  ...change,
});

const waiting = { status: 'pending', applied_at: null, duration_ms: null, author: null } as const;
const FOUR = [
  aMigration('1_users.sql', { tables: ['users'] }),
  aMigration('2_orders.sql', { tables: ['orders', 'users'], flags: ['edited'] }),
  aMigration('3_index.sql', { ...waiting, tables: ['orders'] }),
  aMigration('4_reviews.sql', { ...waiting, status: 'failed', error: 'no such table', author: 'Bob' }),
];

function report(migrations: Migration[], change: Partial<StatusReport> = {}): StatusReport {
  const count = (status: string) => migrations.filter((one) => one.status === status).length;
  return {
    engine: 'postgres',
    database_exists: true,
    total: migrations.length,
    applied: count('applied'),
    pending: count('pending'),
    failed: count('failed'),
    migrations,
    reachable: true,
    problem: null,
    ...change,
  };
}

const plan = (migrations: Migration[], direction: Plan['direction'] = 'up'): Plan => ({
  direction,
  migrations,
  problems: [],
  warnings: [],
  losses: [],
  needs_confirmation: false,
  confirm: null,
});

function show(answers: Answers = {}, { at = '/c/shop/migrations', connection = {} } = {}) {
  return renderPage(
    <>
      <MigrationsPage />
      <RunPanel />
    </>,
    {
      path: '/c/:connection/migrations',
      at,
      answers: {
        'connection:list': { connections: [aConnection(connection)], problems: [] },
        'migration:status': report(FOUR),
        'migration:list': { migrations: [], total: 0 },
        'migration:last-batch': { batch: null },
        'migration:plan': plan([]),
        'settings:update': (payload) => payload as never,
        ...answers,
      },
    },
  );
}

const names = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('button')[0]?.textContent);

beforeEach(() => {
  showJob(null);
  runAsked.set(null);
  Element.prototype.scrollTo = () => undefined;
});

describe('the list', () => {
  it('shows the newest first, with status, flags and times', async () => {
    const { container } = show();
    await screen.findByRole('grid', { name: 'Migrations' });
    expect(names()).toEqual(['reviews', 'index', 'orders', 'users']);
    const orders = screen.getByRole('row', { name: /Choose 2_orders/ });
    expect(within(orders).getByText('Edited')).toBeVisible();
    expect(within(orders).getByText('12 ms')).toBeVisible();
    const found = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(found.violations.map((one) => `${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
  });

  it('sorts the other way', async () => {
    const { user } = show();
    await user.click(await screen.findByRole('button', { name: /newest first/ }));
    await waitFor(() => expect(names()).toEqual(['users', 'orders', 'index', 'reviews']));
  });

  it('keeps 10,000 rows out of the page', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => aMigration(`${100_000 + at}_many.sql`));
    show({ 'migration:status': report(many) });
    const grid = await screen.findByRole('grid');
    expect(grid).toHaveAttribute('aria-rowcount', '10001');
    expect(screen.getAllByRole('row').length).toBeLessThan(150);
  });

  it('filters by status, and keeps that in the address', async () => {
    const { user, router } = show();
    await user.click(await screen.findByRole('button', { name: 'Pending 1' }));
    await waitFor(() => expect(names()).toEqual(['index']));
    expect(router.state.location.search).toBe('?status=pending');
  });

  it('filters by table from the address, as a chip that can be removed', async () => {
    const { user, router } = show({}, { at: '/c/shop/migrations?table=users' });
    await screen.findByRole('grid');
    expect(names()).toEqual(['orders', 'users']);
    await user.click(screen.getByRole('button', { name: 'Remove the filter Table: users' }));
    await waitFor(() => expect(names()).toHaveLength(4));
    expect(router.state.location.search).toBe('');
  });

  it('searches names and texts by the backend, as they are typed', async () => {
    const { user, called } = show({
      'migration:find': ({ query }) => ({ filenames: query === 'stars -x' ? ['4_reviews.sql'] : [] }),
    });
    const search = await screen.findByRole('textbox', { name: 'Search names, versions and text' });
    await user.type(search, 'stars -x');
    await waitFor(() => expect(names()).toEqual(['reviews']));
    expect(called('migration:find').at(-1)).toEqual({ connection: 'shop', query: 'stars -x' });
    await user.clear(search);
    await user.type(search, 'nothing of that');
    await user.click(await screen.findByRole('button', { name: 'Show all 4' }));
    await waitFor(() => expect(names()).toHaveLength(4));
  });

  it('completes what is typed, and makes a chip of it', async () => {
    const { user, router } = show({ 'migration:find': { filenames: FOUR.map((one) => one.filename) } });
    await user.type(await screen.findByRole('textbox', { name: /Search names/ }), 'ta');
    expect(await screen.findByRole('option', { name: /table:/ })).toBeInTheDocument();
    await user.keyboard('{Tab}us');
    await user.click(await screen.findByRole('option', { name: /users/ }));
    expect(await screen.findByRole('button', { name: 'Remove the filter Table: users' })).toBeVisible();
    await waitFor(() => expect(names()).toEqual(['orders', 'users']));
    expect(router.state.location.search).toBe('?table=users');
    expect(screen.getByRole('textbox', { name: /Search names/ })).toHaveValue('');
  });

  it('filters by the day it was applied', async () => {
    show({}, { at: '/c/shop/migrations?from=2026-01-17&to=2026-01-18' });
    await screen.findByRole('grid');
    expect(names()).toEqual(['orders', 'users']);
    expect(
      screen.getByRole('button', { name: 'Remove the filter Applied: 2026-01-17 – 2026-01-18' }),
    ).toBeVisible();
  });

  it('keeps filters by name, applies and removes them', async () => {
    const { user, router } = show({}, { at: '/c/shop/migrations?table=users' });
    await user.click(await screen.findByRole('button', { name: 'Save filters' }));
    await user.type(screen.getByRole('textbox', { name: 'Name of the filter' }), 'my users{Enter}');
    await user.click(await screen.findByRole('button', { name: 'Clear' }));
    await waitFor(() => expect(router.state.location.search).toBe(''));
    await user.click(await screen.findByRole('button', { name: 'Saved' }));
    await user.click(screen.getByRole('button', { name: 'my users' }));
    await waitFor(() => expect(router.state.location.search).toBe('?table=users'));
    await user.click(screen.getByRole('button', { name: 'my users' }));
    await user.click(screen.getByRole('button', { name: 'Remove the saved filter my users' }));
    expect(await screen.findByRole('button', { name: 'Save filters' })).toBeVisible();
  });

  it('offers its keys to the list of keys', async () => {
    show();
    await screen.findByRole('grid');
    expect(allCommands().find((one) => one.keys === '/')?.label).toBe('Search the migrations');
  });
});

describe('by keyboard', () => {
  it('moves by arrows and opens by Enter', async () => {
    const { user, router } = show();
    expect(await screen.findByRole('grid')).toHaveFocus();
    await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(router.state.location.pathname).toBe('/c/shop/edit/2_orders.sql');
  });

  it('chooses by Space and a range by Shift', async () => {
    const { user } = show();
    await screen.findByRole('grid');
    await user.keyboard(' {Shift>}{ArrowDown}{ArrowDown}{/Shift}');
    expect(screen.getByText('3 chosen')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Apply 2 chosen to shop' })).toBeVisible();
    expect(screen.getByRole('button', { name: 'Roll back 1 chosen on shop' })).toBeVisible();
    await user.keyboard('{Escape}');
    expect(screen.queryByText('3 chosen')).toBeNull();
  });
});

describe('batches', () => {
  let stop: () => void;
  beforeEach(() => {
    stop = listenForKeys();
  });
  afterEach(() => stop());

  it.each([
    ['a', 'Apply to shop', { direction: 'up' }],
    ['{Shift>}a{/Shift}', 'Apply to shop', { direction: 'up', to: '4_reviews.sql' }],
    ['o', 'Apply to shop', { direction: 'up', versions: ['4_reviews.sql'] }],
    ['t', 'Retry on shop', { direction: 'up', versions: ['4_reviews.sql'] }],
    ['r', 'Roll back on shop', { direction: 'down', count: 1 }],
    ['{End}{Shift>}r{/Shift}', 'Roll back on shop', { direction: 'down', to: '1_users.sql' }],
    ['{End}u', 'Roll back on shop', { direction: 'down', versions: ['1_users.sql'] }],
    ['{End}e', 'Roll back and apply again on shop', { direction: 'down', versions: ['1_users.sql'] }],
  ])('are started by a key: %s', async (keys, title, wanted) => {
    const { user, called } = show();
    await screen.findByRole('grid');
    await user.keyboard(keys);
    expect(await screen.findByRole('dialog', { name: new RegExp(title) })).toBeVisible();
    await waitFor(() => expect(called('migration:plan')[0]).toMatchObject(wanted));
  });

  it('mark what is chosen, and offer to take it back', async () => {
    const run = { run_id: 'r', connection: 'shop', direction: 'up', ok: true, migrations: [] };
    const { user, called } = show({ 'migration:baseline': run as never });
    await screen.findByRole('grid');
    await user.keyboard('x{ArrowDown}xm');
    await user.click(await screen.findByRole('button', { name: 'Mark 2 as applied on shop' }));
    await waitFor(() =>
      expect(called('migration:baseline')[0]).toMatchObject({
        versions: ['4_reviews.sql', '3_index.sql'],
        mark: 'applied',
      }),
    );
  });

  it('say why they cannot be started', async () => {
    const { user, called } = show({}, { connection: { read_only: true } });
    await screen.findByRole('grid');
    await user.keyboard('a');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(called('migration:plan')).toEqual([]);
  });

  it('ask how many to roll back', async () => {
    const { user, called } = show({
      'migration:plan': ({ count }) => plan(FOUR.slice(0, count ?? 0).toReversed(), 'down'),
    });
    await screen.findByRole('grid');
    await user.keyboard('r');
    const count = await screen.findByRole('textbox', { name: 'How many of the newest' });
    await waitFor(() => expect(count).toHaveFocus());
    await user.clear(count);
    await user.type(count, '2');
    await user.click(await screen.findByRole('button', { name: 'Roll back 2 on shop' }));
    await waitFor(() => expect(called('migration:down')[0]).toMatchObject({ count: 2 }));
  });

  it('show why a rollback is refused, and the ways out', async () => {
    const problem = {
      code: 'migration_not_found',
      title: 'Missing',
      message: 'The file is missing of 2_orders.sql.',
      hint: null,
      docs: null,
      details: {
        files: ['2_orders.sql'],
        ways: [
          {
            channel: 'migration:restore',
            label: 'Restore the file from what ran',
            versions: ['2_orders.sql'],
          },
          {
            channel: 'migration:baseline',
            label: 'Mark as not applied',
            versions: ['2_orders.sql'],
            mark: 'not_applied',
          },
        ],
      },
    };
    const { user, called } = show({
      'migration:plan': { ...plan([FOUR[1] as Migration], 'down'), problems: [problem] as never },
      'migration:restore': FOUR[1] as Migration,
    });
    await screen.findByRole('grid');
    await user.keyboard('r');
    await user.click(await screen.findByRole('button', { name: 'Restore the file from what ran' }));
    await waitFor(() => expect(called('migration:restore')).toHaveLength(1));
    await waitFor(() => expect(called('migration:plan').length).toBeGreaterThan(1));
    await user.click(await screen.findByRole('button', { name: 'Mark as not applied' }));
    expect(await screen.findByRole('dialog', { name: /Mark as not applied on shop/ })).toBeVisible();
  });

  it('are resumed where the last one stopped', async () => {
    const batch = {
      run_id: 'r1',
      kind: 'up',
      direction: 'up',
      state: 'failed',
      started_at: '2026-01-17T12:00:00Z',
      planned: 3,
      done: ['2_orders.sql'],
      failed: ['4_reviews.sql'],
      left: ['3_index.sql', '4_reviews.sql'],
      gone: [],
    } as const;
    const { user, called } = show({
      'migration:last-batch': { batch: { ...batch, done: [], left: [...batch.left], failed: [], gone: [] } },
      'migration:plan': plan([FOUR[2] as Migration, FOUR[3] as Migration]),
    });
    await user.click(await screen.findByRole('button', { name: 'Resume 2 on shop' }));
    await user.click(await screen.findByRole('button', { name: 'Resume: apply 2 to shop' }));
    await waitFor(() => expect(called('migration:resume')[0]).toMatchObject({ run_id: 'r1' }));
  });
});

describe('running', () => {
  it('applies the chosen ones, after showing the plan', async () => {
    const { user, called } = show({
      'migration:plan': plan([FOUR[2] as Migration]),
      'migration:up': () => fail({ code: 'busy', title: 'Busy', message: 'Another run is under way.' }),
    });
    await user.click(await screen.findByRole('checkbox', { name: 'Choose 3_index.sql' }));
    await user.click(screen.getByRole('button', { name: 'Apply 1 chosen to shop' }));
    await user.click(await screen.findByRole('button', { name: 'Apply 1 to shop' }));
    await waitFor(() => expect(called('migration:up')[0]).toMatchObject({ versions: ['3_index.sql'] }));
    expect(await screen.findByText('Another run is under way.')).toBeVisible();
  });

  it.each([
    ['1_users.sql', 'Roll back to here, keeping this', { direction: 'down', to: '1_users.sql' }],
    ['2_orders.sql', 'Roll back only this one', { direction: 'down', versions: ['2_orders.sql'] }],
    ['3_index.sql', 'Apply up to here', { direction: 'up', to: '3_index.sql' }],
    ['4_reviews.sql', 'Apply only this one', { direction: 'up', versions: ['4_reviews.sql'] }],
  ])('plans from the menu of %s: %s', async (filename, item, wanted) => {
    const { user, called } = show();
    const name = filename.replace(/^\d_|\.sql$/g, '');
    await user.click(await screen.findByRole('button', { name: `Actions for ${name}` }));
    await user.click(await screen.findByRole('menuitem', { name: item }));
    await waitFor(() => expect(called('migration:plan')[0]).toMatchObject(wanted));
  });

  it('writes nothing on a read-only connection', async () => {
    const { user } = show({}, { connection: { read_only: true } });
    await user.click(await screen.findByRole('button', { name: 'Actions for index' }));
    expect(await screen.findByRole('menuitem', { name: 'Apply only this one' })).toBeDisabled();
    expect(screen.getByRole('menuitem', { name: 'Open' })).toBeEnabled();
  });
});

describe('files', () => {
  it('renames one', async () => {
    const { user, called } = show({ 'migration:update': aMigration('3_by_day.sql', waiting) });
    await user.click(await screen.findByRole('button', { name: 'Actions for index' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Rename…' }));
    const field = await screen.findByRole('textbox', { name: /Name/ });
    await user.clear(field);
    await user.type(field, 'by day{Enter}');
    await waitFor(() =>
      expect(called('migration:update')[0]).toEqual({
        connection: 'shop',
        version: '3_index.sql',
        name: 'by day',
      }),
    );
  });

  it('deletes one, and shows why it could not', async () => {
    const { user } = show({
      'migration:delete': () =>
        fail({ code: 'migration_applied', title: 'Applied', message: 'It is applied meanwhile.' }),
    });
    await user.click(await screen.findByRole('button', { name: 'Actions for index' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Delete the file…' }));
    await user.click(await screen.findByRole('button', { name: 'Delete the file' }));
    expect(await screen.findByText('It is applied meanwhile.')).toBeVisible();
  });

  it('duplicates one into the form for a new one', async () => {
    const { user, router } = show();
    await user.click(await screen.findByRole('button', { name: 'Actions for users' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Duplicate…' }));
    expect(router.state.location).toMatchObject({ pathname: '/c/shop/new', search: '?from=1_users.sql' });
  });
});

describe('the state of the whole', () => {
  it('invites where there is nothing', async () => {
    const { user, router } = show({ 'migration:status': report([]) });
    expect(await screen.findByText('No migrations yet')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'New migration' }));
    expect(router.state.location.pathname).toBe('/c/shop/new');
  });

  it('lists the files of a database that does not answer, with the error and a retry', async () => {
    let answers = 0;
    const problem = {
      code: 'connection_failed',
      title: 'The database cannot be reached',
      message: 'refused',
    };
    const { user } = show({
      'migration:status': () => {
        answers += 1;
        return answers === 1 ? report(FOUR, { reachable: false, problem }) : report(FOUR);
      },
    });
    expect(await screen.findByText('refused')).toBeVisible();
    expect(names()).toHaveLength(4);
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByText('refused')).toBeNull());
  });

  it('offers to create a database that is not there', async () => {
    const { user, called } = show({
      'migration:status': report(FOUR, { database_exists: false }),
      'database:create': { database_exists: true },
    });
    await user.click(await screen.findByRole('button', { name: 'Create the database' }));
    await waitFor(() => expect(called('database:create')).toHaveLength(1));
  });

  it('shows what a run elsewhere did', async () => {
    let status = report(FOUR);
    const { calls } = show({ 'migration:status': () => status });
    await screen.findByRole('grid');
    status = report(FOUR.map((one) => ({ ...one, status: 'applied' })));
    await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 4300))));
    expect(screen.getByRole('button', { name: 'Applied 4' })).toBeVisible();
    expect(calls.filter((one) => one.channel === 'migration:status').length).toBe(2);
  });
});

describe('filters', () => {
  it('survive the address and back', () => {
    const filters = {
      ...NO_FILTERS,
      query: 'a b',
      status: 'failed',
      flags: ['edited', 'partial'],
      tables: ['x y', 'z'],
      authors: ['Ada'],
      from: '2026-01-01',
      to: null,
    } satisfies Filters;
    expect(readFilters(writeFilters(filters))).toEqual(filters);
  });

  it('ignore what the address makes up', () => {
    expect(readFilters(new URLSearchParams('status=x&flag=y&from=2026-99-99&to=soon'))).toEqual(NO_FILTERS);
  });

  it('take the exact table, of any schema where none is named', () => {
    const rows = ['users', 'app.users', 'users_old', 'Users'].map((table, at) =>
      aMigration(`${at}_x.sql`, { tables: [table] }),
    );
    const by = (table: string) =>
      filterMigrations(rows, { ...NO_FILTERS, tables: [table] }, null).map((one) => one.tables[0]);
    expect(by('users')).toEqual(['users', 'app.users', 'Users']);
    expect(by('app.users')).toEqual(['app.users']);
  });
});

describe('completion', () => {
  const choices = { flags: [], tables: ['users', 'order items'], authors: ['Ann Lee'] };
  const offers = (text: string) => offersFor(text, text.length, NO_FILTERS, choices);

  it.each([
    ['', []],
    ['users', []],
    ['st', ['status:']],
    ['-ta', ['-table:']],
    ['x status:p', ['status:applied', 'status:pending']],
    ['table:it', ['table:order items']],
    ['author:ANN', ['author:Ann Lee']],
    ['"a st', []],
  ])('of %j', (text, labels) => {
    expect(offers(text).map((one) => one.label)).toEqual(labels);
  });

  it('takes the place of the word the caret is in', () => {
    const [offer] = offersFor('a tab b', 5, NO_FILTERS, choices);
    expect(take('a tab b', 5, offer as Offer)).toEqual({ text: 'a table: b', caret: 8 });
    const [excluded] = offers('-table:it');
    expect(take('-table:it', 9, excluded as Offer).text).toBe('-table:"order items" ');
  });
});
