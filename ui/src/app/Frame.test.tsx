import { spotlight } from '@mantine/spotlight';
import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emit, link } from '../api/events';
import { showJob, shownJob } from '../api/jobs';
import { newQueryClient } from '../api/queries';
import type { Connection, Run } from '../api/types.generated';
import { runAsked } from '../components/run/ask';
import { keysShown } from '../lib/asked';
import { allCommands, listenForKeys } from '../lib/commands';
import { paths } from '../lib/paths';
import { type Answers, backend, fail, ORDINARY } from '../test/render';
import { aConnection, aJob, aMigration, anEngine, aTest, SETTINGS } from '../test/samples';
import { Providers } from './Providers';
import { routes } from './router';

let stopListening: () => void;
beforeEach(() => {
  stopListening = listenForKeys();
});
afterEach(() => stopListening());

function open(at: string, connections: Connection[], answers: Answers = {}) {
  const calls = backend({
    ...ORDINARY,
    'connection:list': { connections, problems: [] },
    'connection:engines': { engines: [anEngine()] },
    'connection:test': aTest(),
    'connection:split-url': { engine: 'postgres', fields: {} },
    'migration:list': { migrations: [], total: 3 },
    'schema:catalog': { tables: [], functions: [], types: [], default_schema: null },
    ...answers,
  });
  const router = createMemoryRouter(routes, { initialEntries: [at] });
  const view = render(
    <Providers client={newQueryClient()} env="test">
      <RouterProvider router={router} />
    </Providers>,
  );
  const user = userEvent.setup();
  return {
    ...view,
    router,
    user,
    called: (channel: string) => calls.filter((one) => one.channel === channel),
  };
}

// Dialogs of the frame outlive a page, and so a test.
afterEach(() => {
  keysShown.set(false);
  runAsked.set(null);
  showJob(null);
  spotlight.close();
});

const BLOG = aConnection({ id: 'blog', name: 'blog' });
const PRODUCTION = aConnection({ id: 'live', name: 'shop-live', environment: 'production' });

test('the target and what is due stand in the header', async () => {
  open('/c/shop/database', [aConnection()]);
  const header = within(await screen.findByRole('region', { name: 'Target' }));
  expect(await header.findByRole('button', { name: 'Apply 3 to shop' })).toBeEnabled();
  expect(header.getByText('Development')).toBeInTheDocument();
  expect(await header.findByText('PostgreSQL 18.1')).toBeInTheDocument();
});

test('production is framed in red, shows the plan, and asks for the name', async () => {
  const { user, container, called } = open('/c/live/database', [PRODUCTION], {
    'migration:plan': {
      direction: 'up',
      migrations: [aMigration({ filename: '3_add_carts.sql', name: 'add carts' })],
      problems: [],
      warnings: [],
      losses: [],
      needs_confirmation: true,
      confirm: 'shop-live',
    },
    'migration:up': { ok: true, migrations: [] } as unknown as Run,
  });
  await user.click(await screen.findByRole('button', { name: 'Apply 3 to shop-live' }));
  expect(container.querySelector('[data-production]')).not.toBeNull();
  const dialog = within(await screen.findByRole('dialog'));
  expect(await dialog.findByText('3_add_carts.sql')).toBeInTheDocument();
  expect(called('migration:up')).toHaveLength(0);
  await user.type(await dialog.findByLabelText(/Type/), 'shop-live{Enter}');
  await vi.waitFor(() => expect(called('migration:up')).toHaveLength(1));
  expect(called('migration:up')[0]?.payload).toMatchObject({ connection: 'live', confirm: 'shop-live' });
});

test('an address of no connection says so', async () => {
  open('/c/gone/database', [aConnection()]);
  expect(await screen.findByText('There is no connection “gone”')).toBeInTheDocument();
});

test('nothing is claimed pending where the database cannot be asked', async () => {
  open('/c/shop/database', [aConnection()], { 'connection:test': () => fail({ code: 'connection_failed' }) });
  expect(await screen.findByRole('button', { name: /^Not reachable\s*– shop/ })).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /^Apply/ })).not.toBeInTheDocument();
});

test('a read-only connection applies nothing', async () => {
  open('/c/shop/database', [aConnection({ read_only: true })]);
  expect(await screen.findByRole('button', { name: 'Apply 3 to shop' })).toBeDisabled();
});

test('G then a comma goes to the settings; ? lists the keys, and finds them by what they do or by themselves', async () => {
  const { user, router } = open('/c/shop/database', [aConnection()]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  await user.keyboard('g,');
  expect(router.state.location.pathname).toBe('/settings');
  await user.keyboard('?');
  const dialog = within(await screen.findByRole('dialog', { name: 'Keys' }));
  expect(dialog.getByText('List of keys')).toBeInTheDocument();
  await user.type(dialog.getByLabelText('Search the keys'), 'ctrl+k');
  expect(dialog.getByText('Search or run a command')).toBeInTheDocument();
  expect(dialog.queryByText('List of keys')).not.toBeInTheDocument();
  await user.type(dialog.getByLabelText('Search the keys'), ' nothing');
  expect(dialog.getByText(/^No key is for/)).toBeInTheDocument();
});

test('no two commands of a page want the same key', async () => {
  open('/c/shop/migrations', [aConnection(), BLOG]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  const keys = allCommands().flatMap((one) => one.keys ?? []);
  expect(keys.filter((one, at) => keys.indexOf(one) !== at)).toEqual([]);
});

test('the palette finds connections and actions by any of their words', async () => {
  const { user, router } = open('/c/shop/database', [aConnection(), PRODUCTION]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('textbox', { name: 'Search or run a command' }), 'shop-live');
  await user.keyboard('{ArrowDown}{Enter}');
  await vi.waitFor(() => expect(router.state.location.pathname).toBe(paths.landing('live')));
});

test('without a connection the first page offers four ways to begin', async () => {
  const { user } = open('/', [], {
    'connection:sample': () => fail({ code: 'disk_full', title: 'The disk is full' }),
  });
  expect(await screen.findByRole('button', { name: /^New connection Host/ })).toBeInTheDocument();
  expect(screen.getByRole('button', { name: /^Open a folder/ })).toBeInTheDocument();
  expect(screen.getByRole('button', { name: /^Paste a URL/ })).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Start with the sample' }));
  expect(await screen.findByText('The disk is full')).toBeInTheDocument();
});

test('the rail can be narrowed, and that is remembered', async () => {
  const { user, called } = open('/settings', [aConnection()]);
  await user.click(await screen.findByRole('button', { name: 'Narrow the rail' }));
  expect(screen.getByRole('link', { name: 'Settings' })).toBeInTheDocument();
  await vi.waitFor(() =>
    expect(called('settings:update').at(-1)?.payload).toMatchObject({
      changes: { ui: { rail_collapsed: true } },
    }),
  );
});

describe('tabs', () => {
  const stored = {
    tabs: [{ connection: 'blog', path: '/c/blog/database?tab=file' }],
    last_path: '/c/shop/database',
  };
  const openBoth = (at: string, ui: Record<string, unknown> = stored) =>
    open(at, [aConnection(), BLOG, PRODUCTION], { 'settings:get': { ...SETTINGS, ui } });
  const strip = async () => within(await screen.findByRole('navigation', { name: 'Open connections' }));
  const names = (element: Awaited<ReturnType<typeof strip>>) =>
    element.getAllByRole('link').map((one) => one.title);

  test('the tabs of last time are there again, and each where it was left', async () => {
    const { user, router } = openBoth('/');
    await vi.waitFor(() => expect(router.state.location.pathname).toBe('/c/shop/database'));
    const tabs = await strip();
    expect(names(tabs)).toEqual(['blog', 'shop']);
    await user.click(tabs.getByTitle('blog'));
    expect(router.state.location.pathname + router.state.location.search).toBe('/c/blog/database?tab=file');
  });

  test('a single connection needs no tabs', async () => {
    open('/c/shop/database', [aConnection(), BLOG]);
    await screen.findByRole('button', { name: 'Apply 3 to shop' });
    expect(screen.queryByRole('navigation', { name: 'Open connections' })).not.toBeInTheDocument();
  });

  test('brackets and numbers change the tab; G X closes it, and it can be opened again where it was', async () => {
    const { user, router } = openBoth('/c/shop/database');
    await strip();
    const path = () => router.state.location.pathname;
    await user.keyboard(']');
    expect(path()).toBe('/c/blog/database');
    await user.keyboard('[[');
    expect(path()).toBe('/c/shop/database');
    await user.keyboard('g1');
    expect(path()).toBe('/c/blog/database');
    await user.keyboard('gx');
    expect(path()).toBe('/c/shop/database');
    expect(screen.queryByRole('navigation', { name: 'Open connections' })).not.toBeInTheDocument();
    await user.keyboard('gz');
    expect(router.state.location.search).toBe('?tab=file');
    expect(names(await strip())).toHaveLength(2);
  });

  test('they are put in another order from the keyboard, and that is remembered', async () => {
    const { user, called } = openBoth('/c/shop/database');
    const tabs = await strip();
    tabs.getByTitle('shop').focus();
    await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    expect(names(tabs)).toEqual(['shop', 'blog']);
    expect(tabs.getByRole('status')).toHaveTextContent('shop is tab 1 of 2');
    await vi.waitFor(() =>
      expect(called('settings:update').at(-1)?.payload).toMatchObject({
        changes: { ui: { tabs: [{ connection: 'shop' }, { connection: 'blog' }] } },
      }),
    );
  });

  test('the menu of a tab closes the others', async () => {
    const { user } = openBoth('/c/shop/database');
    const tabs = await strip();
    await user.pointer({ keys: '[MouseRight]', target: tabs.getByTitle('shop') });
    await user.click(await screen.findByRole('menuitem', { name: 'Close the others' }));
    expect(screen.queryByRole('navigation', { name: 'Open connections' })).not.toBeInTheDocument();
  });

  test('a connection that is gone has no tab, and a foreign memory breaks nothing', async () => {
    openBoth('/c/shop/database', {
      tabs: [{ connection: 'gone', path: '/c/gone/migrations' }, 7, null, { connection: 'blog' }],
      last_path: 12,
    });
    await screen.findByRole('button', { name: 'Apply 3 to shop' });
    expect(screen.queryByRole('navigation', { name: 'Open connections' })).not.toBeInTheDocument();
  });
});

test('a run that ends unseen is announced, and the announcement leads to it', async () => {
  const { user } = open('/c/shop/database', [aConnection()]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  const job = aJob({
    state: 'failed',
    error: { code: 'migration_failed', title: 'x', message: 'no such table' },
  });
  emit('job:finished', { job_id: job.job_id, job });
  const toast = within(await screen.findByRole('alert'));
  expect(toast.getByText('The run on shop failed')).toBeInTheDocument();
  await user.click(toast.getByRole('button', { name: 'Show the run' }));
  expect(shownJob.get()).toBe(job.job_id);
});

test('the title names the page and the connection', async () => {
  open('/c/shop/database', [aConnection()]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  await vi.waitFor(() => expect(document.title).toBe('Database – shop – DB Toolkit'));
});

test('while the app does not answer a banner says so, until it does', async () => {
  open('/settings', [aConnection()]);
  await screen.findByRole('button', { name: 'Narrow the rail' });
  act(() => link.set('lost'));
  expect(screen.getByText('Connection to the app lost.')).toBeInTheDocument();
  act(() => link.set('open'));
  expect(screen.queryByText('Connection to the app lost.')).not.toBeInTheDocument();
});

test('a connection in the rail has a menu: by the mouse, and by the keyboard', async () => {
  const { user, router } = open('/c/shop/database', [aConnection(), BLOG]);
  const blog = await screen.findByRole('link', { name: /blog/ });
  blog.focus();
  await user.keyboard('{Shift>}{F10}{/Shift}');
  await user.click(await screen.findByRole('menuitem', { name: 'Open in the background' }));
  expect(await screen.findByRole('navigation', { name: 'Open connections' })).toBeInTheDocument();
  expect(router.state.location.pathname).toBe('/c/shop/database');
});
