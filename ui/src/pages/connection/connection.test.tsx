import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, anEngine } from '../../test/samples';
import ConnectionPage from '.';

const ANSWERS: Answers = {
  'connection:engines': { engines: [anEngine()] },
  'connection:list': { connections: [aConnection()], problems: [] },
  'connection:split-url': {
    engine: 'postgres',
    fields: { host: 'localhost', port: '5432', user: 'ada', password: '***', database: 'shop' },
  },
  'connection:build-url': ({ fields }) => ({
    url: `postgres://${fields.user}:${fields.password}@${fields.host}/${fields.database}`,
  }),
  'connection:update': aConnection(),
  'connection:variables': {
    variables: [
      { name: 'REGION', value: 'eu', secret: false, source: 'connection' },
      { name: 'TOKEN', value: null, secret: true, source: 'connection' },
      { name: 'PGHOST', value: 'db', secret: false, source: 'project' },
    ],
  },
};

const open = (answers: Answers = {}, tab = '') =>
  renderPage(<ConnectionPage />, {
    path: '/c/:connection/connection',
    at: `/c/shop/connection${tab && `?tab=${tab}`}`,
    answers: { ...ANSWERS, ...answers },
  });

test('only what was changed is sent', async () => {
  const { user, called } = open();
  const name = await screen.findByLabelText(/^Name/);
  expect(screen.getByRole('button', { name: 'Save shop' })).toBeDisabled();
  await user.clear(name);
  await user.type(name, 'store');
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(called('connection:update')).toHaveLength(1));
  expect(called('connection:update')[0]).toEqual({ connection: 'shop', name: 'store' });
});

test('only rehearsed migrations are taken where that is switched on', async () => {
  const { user, called } = open();
  await user.click(await screen.findByRole('switch', { name: /^Take only rehearsed migrations/ }));
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(called('connection:update')).toHaveLength(1));
  expect(called('connection:update')[0]).toEqual({ connection: 'shop', require_rehearsal: true });
});

test('another host keeps the stored password', async () => {
  const { user, called } = open();
  const host = await screen.findByLabelText(/^Host/);
  expect(screen.getByLabelText('Password')).toHaveValue('');
  await user.clear(host);
  await user.type(host, 'db2');
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(called('connection:update')).toHaveLength(1));
  expect(called('connection:update')[0]).toEqual({ connection: 'shop', url: 'postgres://ada:***@db2/shop' });
});

test('a new password is sent in the URL', async () => {
  const { user, called } = open();
  await user.type(await screen.findByLabelText('Password'), 'n3w');
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(called('connection:update')).toHaveLength(1));
  expect(called('connection:update')[0]?.url).toBe('postgres://ada:n3w@localhost/shop');
});

test('lowering the protection of production asks for the name', async () => {
  const { user, called } = open({
    'connection:list': {
      connections: [aConnection({ environment: 'production', read_only: true })],
      problems: [],
    },
    'connection:update': ({ confirm }) =>
      confirm === 'shop'
        ? aConnection()
        : fail({
            code: 'confirmation_required',
            details: { confirm: 'shop', losses: ['shop could be written to.'] },
          }),
  });
  await user.click(await screen.findByLabelText('Refuse every change'));
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  const dialog = await screen.findByRole('dialog');
  expect(within(dialog).getByText('shop could be written to.')).toBeInTheDocument();
  await user.type(within(dialog).getByLabelText(/Type/), 'shop{Enter}');
  await vi.waitFor(() => expect(called('connection:update')).toHaveLength(2));
  expect(called('connection:update')[1]).toMatchObject({ read_only: false, confirm: 'shop' });
});

test('variables are listed, secrets hidden, the project’s own left alone', async () => {
  open({}, 'variables');
  const token = (await screen.findByText('TOKEN')).closest('tr') as HTMLElement;
  expect(within(token).getByText('secret')).toBeInTheDocument();
  const project = screen.getByText('PGHOST').closest('tr') as HTMLElement;
  expect(within(project).queryByRole('button')).not.toBeInTheDocument();
});

test('a secret variable is set without being shown', async () => {
  const { user, called } = open({ 'connection:set-variable': { variables: [] } }, 'variables');
  await user.click(await screen.findByRole('button', { name: 'Add a variable' }));
  await user.type(screen.getByLabelText(/^Name/), 'API_KEY');
  await user.click(screen.getByLabelText('Secret'));
  await user.type(screen.getByLabelText('Value'), 'k');
  expect(screen.getByLabelText('Value')).toHaveAttribute('type', 'password');
  await user.click(screen.getByRole('button', { name: 'Set API_KEY' }));
  await vi.waitFor(() => expect(called('connection:set-variable')).toHaveLength(1));
  expect(called('connection:set-variable')[0]).toEqual({
    connection: 'shop',
    name: 'API_KEY',
    value: 'k',
    secret: true,
  });
});

test('a variable is removed', async () => {
  const { user, called } = open({ 'connection:remove-variable': { variables: [] } }, 'variables');
  await user.click(await screen.findByRole('button', { name: 'Remove REGION' }));
  expect(called('connection:remove-variable')).toEqual([{ connection: 'shop', name: 'REGION' }]);
});

test('removing a connection says what stays, and leads home', async () => {
  const { user, called, router } = open({ 'connection:delete': { done: true } });
  await user.click(await screen.findByRole('button', { name: 'Remove…' }));
  expect(screen.getByText(/The database stays as it is/)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Remove shop' }));
  await vi.waitFor(() => expect(router.state.location.pathname).toBe('/'));
  expect(called('connection:delete')).toEqual([{ connection: 'shop', delete_files: false }]);
});

test('backups are as the app’s settings say, until the connection says otherwise', async () => {
  const { user, called } = open({}, 'backups');
  const before = await screen.findByRole('combobox', { name: 'Back up before applying' });
  expect(before).toHaveValue('As the app: on production only');
  expect(screen.getByLabelText('How many are kept')).toHaveAttribute('placeholder', 'As the app: 20');
  expect(screen.getByRole('button', { name: 'Save shop' })).toBeDisabled();
  await user.click(before);
  await user.click(screen.getByRole('option', { name: 'Always' }));
  await user.type(screen.getByLabelText('How many are kept'), '5');
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(called('connection:update')).toHaveLength(1));
  expect(called('connection:update')[0]).toEqual({
    connection: 'shop',
    backups: { before_up: 'always', before_down: null, keep_count: 5, keep_days: null, folder: null },
  });
});
