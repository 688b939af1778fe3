import { spotlight } from '@mantine/spotlight';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newQueryClient } from '../api/queries';
import type { Connection, Run } from '../api/types.generated';
import { runAsked } from '../components/run/ask';
import { keysShown } from '../lib/asked';
import { listenForKeys } from '../lib/commands';
import { type Answers, backend, fail, ORDINARY } from '../test/render';
import { aConnection, aMigration, anEngine, aTest } from '../test/samples';
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
  spotlight.close();
});

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

test('G then S goes to the settings, and ? lists the keys', async () => {
  const { user, router } = open('/c/shop/database', [aConnection()]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  await user.keyboard('gs');
  expect(router.state.location.pathname).toBe('/settings');
  await user.keyboard('?');
  expect(within(await screen.findByRole('dialog')).getByText('List of keys')).toBeInTheDocument();
});

test('the palette finds connections and actions by any of their words', async () => {
  const { user, router } = open('/c/shop/database', [aConnection(), PRODUCTION]);
  await screen.findByRole('button', { name: 'Apply 3 to shop' });
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('textbox', { name: 'Search or run a command' }), 'shop-live');
  await user.keyboard('{ArrowDown}{Enter}');
  await vi.waitFor(() => expect(router.state.location.pathname).toBe('/c/live/migrations'));
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
