import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, aField, anEngine, aTest } from '../../test/samples';
import NewConnection from './NewConnection';

const SQLITE = anEngine({
  name: 'sqlite',
  label: 'SQLite',
  fields: [aField({ name: 'path', label: 'Database file', kind: 'path', required: true })],
});

const ANSWERS: Answers = {
  'connection:engines': { engines: [SQLITE, anEngine()] },
  'connection:list': { connections: [], problems: [] },
  'connection:build-url': { url: 'postgres://ada:s3cret@localhost:5432/shop' },
  'connection:create': ({ name }) => aConnection({ name }),
};

function open(tab: 'form' | 'url' | 'folder', answers: Answers = {}) {
  const onClose = vi.fn();
  const page = renderPage(<NewConnection tab={tab} onClose={onClose} />, {
    answers: { ...ANSWERS, ...answers },
  });
  return { ...page, onClose };
}

test('a connection is made by form', async () => {
  const { user, called, onClose, router } = open('form');
  await user.type(await screen.findByLabelText(/^Database/), 'shop');
  await user.type(screen.getByLabelText('User'), 'ada');
  await user.type(screen.getByLabelText('Password'), 's3cret');
  await user.type(screen.getByLabelText(/^Name/), 'shop');
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(called('connection:build-url')[0]).toEqual({
    engine: 'postgres',
    fields: { host: 'localhost', port: '5432', user: 'ada', password: 's3cret', database: 'shop' },
  });
  expect(called('connection:create')[0]).toMatchObject({
    name: 'shop',
    environment: 'development',
    secret: 'keychain',
  });
  expect(router.state.location.pathname).toBe('/c/shop/migrations');
});

test('what is missing is named, and nothing is sent', async () => {
  const { user, calls } = open('form');
  await screen.findByLabelText(/^Database/);
  await user.click(screen.getByRole('button', { name: 'Save connection' }));
  expect(screen.getByText('Database is needed')).toBeInTheDocument();
  expect(screen.getByText('Name is needed')).toBeInTheDocument();
  expect(calls.some((one) => one.channel === 'connection:create')).toBe(false);
});

test('another engine brings its own form', async () => {
  const { user } = open('form');
  await user.click(await screen.findByRole('radio', { name: /SQLite/ }));
  expect(screen.getByLabelText(/Database file/)).toBeInTheDocument();
  expect(screen.queryByLabelText(/^Host/)).not.toBeInTheDocument();
  expect(screen.queryByLabelText('Keep the password in')).not.toBeInTheDocument();
});

test('a password kept in a variable leaves the form as its name', async () => {
  const { user, called } = open('form');
  await user.type(await screen.findByLabelText(/^Database/), 'shop');
  await user.click(screen.getByRole('combobox', { name: 'Keep the password in' }));
  await user.click(await screen.findByRole('option', { name: 'A variable' }));
  await user.type(screen.getByLabelText(/^Variable/), 'SHOP_PASSWORD');
  await user.click(screen.getByRole('button', { name: 'Test' }));
  await vi.waitFor(() => expect(called('connection:build-url')).toHaveLength(1));
  expect(called('connection:build-url')[0]).toMatchObject({ fields: { password: '${SHOP_PASSWORD}' } });
});

test('a test shows the server, and offers to create a database that is missing', async () => {
  const { user, called, onClose } = open('form', {
    'connection:test': aTest({ database_exists: false }),
    'database:create': { database_exists: true },
  });
  await user.type(await screen.findByLabelText(/^Database/), 'shop');
  await user.click(screen.getByRole('button', { name: 'Test' }));
  expect(await screen.findByText('PostgreSQL 18.1')).toBeInTheDocument();
  expect(screen.getByText('answered in 3 ms')).toBeInTheDocument();
  expect(screen.getByLabelText('Create the database when saving')).toBeChecked();
  await user.type(screen.getByLabelText(/^Name/), 'shop');
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(called('database:create')[0]).toMatchObject({ connection: 'shop' });
});

test('a test that fails says why', async () => {
  const { user } = open('form', {
    'connection:test': () =>
      fail({
        code: 'connection_failed',
        title: 'The database cannot be reached',
        hint: 'Check host and port.',
      }),
  });
  await user.type(await screen.findByLabelText(/^Database/), 'shop');
  await user.click(screen.getByRole('button', { name: 'Test' }));
  expect(await screen.findByText('Check host and port.')).toBeInTheDocument();
});

test('a pasted URL is taken apart without showing its password', async () => {
  const { user, called, onClose } = open('url', {
    'connection:split-url': {
      engine: 'postgres',
      fields: { database: 'shop', host: 'db.example', password: 's3cret', user: 'ada' },
    },
  });
  await user.click(screen.getByLabelText(/^URL/, { selector: 'textarea' }));
  await user.paste('postgres://ada:s3cret@db.example/shop');
  expect(await screen.findByText('db.example')).toBeInTheDocument();
  expect(screen.queryByText('s3cret')).not.toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(called('connection:create')[0]).toMatchObject({
    name: 'shop',
    url: 'postgres://ada:s3cret@db.example/shop',
  });
});

test('a URL of no known engine is refused where it is typed', async () => {
  const { user } = open('url', {
    'connection:split-url': () => fail({ code: 'invalid_url', message: "No engine named 'oracle'." }),
  });
  await user.click(screen.getByLabelText(/^URL/, { selector: 'textarea' }));
  await user.paste('oracle://db');
  expect(await screen.findByText("No engine named 'oracle'.")).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save connection' })).toBeDisabled();
});

test('a pasted URL can be gone on with as a form', async () => {
  const { user } = open('url', {
    'connection:split-url': { engine: 'postgres', fields: { host: 'db.example', database: 'shop' } },
  });
  await user.click(screen.getByLabelText(/^URL/, { selector: 'textarea' }));
  await user.paste('postgres://db.example/shop');
  await user.click(await screen.findByRole('button', { name: 'Edit as a form' }));
  expect(screen.getByLabelText(/^Host/)).toHaveValue('db.example');
  expect(screen.getByLabelText(/^Name/)).toHaveValue('shop');
});

test('a folder is looked into before it is used in place', async () => {
  const { user, called, onClose } = open('folder', {
    'app:folders': ({ path }) => ({
      path: path ?? '/home/ada',
      parent: path ? '/home/ada' : '/home',
      folders: path ? [] : [{ name: 'shop', path: '/home/ada/shop', has_migrations: true }],
      sql_files: 0,
      js_files: 0,
    }),
    'connection:inspect-folder': {
      path: '/home/ada/shop',
      tool: 'dbmate',
      engine: 'postgres',
      migrations_dirs: ['/home/ada/shop/db/migrations'],
      files: 12,
      url: 'postgres://ada:***@localhost/shop',
      url_source: '.env',
      program: null,
      suggested_name: 'shop',
      other_tool: null,
      other_folder: null,
      warnings: ['Two files have the version 3.'],
    },
    'connection:adopt': aConnection({ adopted: true }),
  });
  await user.click(await screen.findByRole('option', { name: /shop/ }));
  const report = await screen.findByRole('status');
  expect(within(report).getByText(/12 migrations/)).toBeInTheDocument();
  expect(within(report).getByText('Two files have the version 3.')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Use this folder as shop' }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(called('connection:adopt')[0]).toMatchObject({ path: '/home/ada/shop', name: 'shop', url: null });
});

test('a connection that asks for its password is given the one just typed', async () => {
  const { user, called, onClose } = open('form', {
    'connection:create': aConnection({ secret: 'ask' }),
    'connection:unlock': aTest(),
  });
  await user.type(await screen.findByLabelText(/^Database/), 'shop');
  await user.type(screen.getByLabelText('Password'), 's3cret');
  await user.type(screen.getByLabelText(/^Name/), 'shop');
  await user.click(screen.getByRole('combobox', { name: 'Keep the password in' }));
  await user.click(await screen.findByRole('option', { name: 'Ask each time' }));
  await user.click(screen.getByRole('button', { name: 'Save shop' }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(called('connection:create')[0]).toMatchObject({ secret: 'ask' });
  expect(called('connection:unlock')).toEqual([{ connection: 'shop', password: 's3cret' }]);
});
