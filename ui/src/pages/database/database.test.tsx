import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { Catalog, CatalogTable } from '../../api/types.generated';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, anEngine, aTest } from '../../test/samples';
import DatabasePage from '.';

const aTable = (change: Partial<CatalogTable> & { name: string }): CatalogTable => ({
  schema_name: 'public',
  kind: 'table',
  columns: [{ name: 'id', type: 'bigint', nullable: false, default: null, primary_key: true, comment: null }],
  indexes: [],
  rows: null,
  ...change,
});

const catalog = (tables: CatalogTable[]): Catalog => ({
  tables,
  functions: [],
  types: [],
  default_schema: 'public',
});

const ANSWERS: Answers = {
  'connection:engines': {
    engines: [anEngine(), anEngine({ name: 'mongodb', label: 'MongoDB', tool: 'migrate-mongo' })],
  },
  'connection:list': { connections: [aConnection()], problems: [] },
  'connection:test': aTest(),
  'schema:catalog': catalog([
    aTable({ name: 'users', rows: 1200 }),
    aTable({ name: 'orders', indexes: [{ name: 'orders_by_user', columns: ['user_id'], unique: false }] }),
    aTable({ name: 'events', schema_name: 'audit' }),
  ]),
};

const open = (answers: Answers = {}, tab = 'browse') =>
  renderPage(<DatabasePage />, {
    path: '/c/:connection/database',
    at: `/c/shop/database?tab=${tab}`,
    answers: { ...ANSWERS, ...answers },
  });

test('tables are listed, the default schema unsaid, and one is shown in full', async () => {
  const { user } = open();
  const list = await screen.findByRole('listbox', { name: 'Tables' });
  expect(
    within(list)
      .getAllByRole('option')
      .map((one) => one.textContent),
  ).toEqual(['audit.events', 'orders', 'users1,200']);
  await user.click(within(list).getByRole('option', { name: /orders/ }));
  const detail = screen.getByRole('region', { name: 'orders' });
  expect(within(detail).getByText('bigint')).toBeInTheDocument();
  expect(within(detail).getByText('orders_by_user')).toBeInTheDocument();
});

test('arrows go through the list', async () => {
  const { user } = open();
  (await screen.findByRole('listbox', { name: 'Tables' })).focus();
  await user.keyboard('{ArrowDown}{ArrowDown}');
  expect(screen.getByRole('option', { selected: true })).toHaveTextContent('users');
});

test('the list filters as one types', async () => {
  const { user } = open();
  await user.type(await screen.findByLabelText('Filter tables'), 'ord');
  expect(screen.getAllByRole('option')).toHaveLength(1);
});

test('ten thousand tables do not make ten thousand rows', async () => {
  open({ 'schema:catalog': catalog(Array.from({ length: 10_000 }, (_, at) => aTable({ name: `t${at}` }))) });
  await screen.findByRole('listbox', { name: 'Tables' });
  expect(screen.getAllByRole('option').length).toBeLessThan(150);
});

test('an empty database says what will be here', async () => {
  open({ 'schema:catalog': catalog([]) });
  expect(await screen.findByText('No tables yet')).toBeInTheDocument();
});

test('a missing database is created from where it is missed', async () => {
  let exists = false;
  const { user, called } = open({
    'schema:catalog': () => (exists ? catalog([]) : fail({ code: 'database_missing' })),
    'database:create': () => {
      exists = true;
      return { database_exists: true };
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Create the database' }));
  expect(await screen.findByText('No tables yet')).toBeInTheDocument();
  expect(called('database:create')).toHaveLength(1);
});

test('an engine without a catalogue says why', async () => {
  const engine = anEngine();
  engine.capabilities.catalog = { supported: false, reason: 'The emulator has none.' };
  open({ 'connection:engines': { engines: [engine] } });
  expect(await screen.findByText('The emulator has none.')).toBeInTheDocument();
});

test('the schema file is read, written and loaded', async () => {
  const file = {
    path: '/p/schema.sql',
    exists: true,
    content: 'CREATE TABLE a ();\n',
    size_bytes: 19,
    sha256: 'x',
  };
  const { user, called } = open(
    {
      'schema:read': file,
      'schema:dump': file,
      'schema:load': () => fail({ code: 'syntax_error', title: 'Line 1' }),
    },
    'file',
  );
  expect(await screen.findByText('CREATE TABLE a ();')).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Write from shop' }));
  await vi.waitFor(() => expect(called('schema:dump')).toHaveLength(1));
  expect(called('schema:dump')[0]).toMatchObject({ connection: 'shop', job_id: expect.any(String) });
  await user.click(screen.getByRole('button', { name: 'Load into shop' }));
  expect(await screen.findByText('Line 1')).toBeInTheDocument();
});

test('a read-only connection loads nothing', async () => {
  const file = { path: '/p/schema.sql', exists: true, content: 'a', size_bytes: 1, sha256: 'x' };
  open(
    {
      'schema:read': file,
      'connection:list': { connections: [aConnection({ read_only: true })], problems: [] },
    },
    'file',
  );
  expect(await screen.findByRole('button', { name: 'Load into shop' })).toBeDisabled();
});

test('dropping the database asks with what is lost', async () => {
  const { user, called } = open(
    {
      'database:drop': ({ confirm }) =>
        confirm
          ? { database_exists: false }
          : fail({ code: 'confirmation_required', details: { confirm: 'shop', losses: ['3 tables'] } }),
    },
    'server',
  );
  await user.click(await screen.findByRole('button', { name: 'Drop shop…' }));
  expect(await screen.findByText('3 tables')).toBeInTheDocument();
  await user.type(screen.getByLabelText(/Type/), 'shop{Enter}');
  await vi.waitFor(() => expect(called('database:drop')).toHaveLength(2));
});

test('what the engine cannot do is named with its reason', async () => {
  open({}, 'server');
  expect(await screen.findByText('What PostgreSQL cannot do here')).toBeInTheDocument();
  expect(screen.getByText('Collections are MongoDB’s; PostgreSQL has tables.')).toBeInTheDocument();
});

const mongo: Answers = {
  'connection:list': {
    connections: [aConnection({ engine: 'mongodb', tool: 'migrate-mongo' })],
    problems: [],
  },
  'schema:catalog': catalog([aTable({ name: 'users', kind: 'collection', schema_name: null, columns: [] })]),
};

test('an index is created on a collection', async () => {
  const { user, called } = open({ ...mongo, 'collection:create-index': { name: 'email_1' } });
  await user.click(await screen.findByRole('button', { name: 'Index' }));
  await user.type(screen.getByLabelText('Field 1'), 'email');
  await user.click(screen.getByLabelText('Unique'));
  await user.click(screen.getByRole('button', { name: 'Create the index on shop' }));
  await vi.waitFor(() => expect(called('collection:create-index')).toHaveLength(1));
  expect(called('collection:create-index')[0]).toMatchObject({
    collection: 'users',
    keys: [{ field: 'email', kind: 1 }],
    options: { unique: true },
  });
});

test('a validator is tried on the documents before it is set', async () => {
  const { user } = open({ ...mongo, 'collection:check-validator': { invalid_documents: 4 } });
  await user.click(await screen.findByRole('button', { name: 'Validator' }));
  await user.click(screen.getByRole('button', { name: 'Check the documents' }));
  expect(await screen.findByText(/4 documents in/)).toBeInTheDocument();
  await user.clear(screen.getByLabelText('Validator'));
  await user.type(screen.getByLabelText('Validator'), '[[]');
  expect(screen.getByRole('button', { name: 'Set it on shop' })).toBeDisabled();
});

test('a collection is created', async () => {
  const { user, called } = open({ ...mongo, 'collection:create': { done: true } });
  await user.click(await screen.findByRole('button', { name: 'New collection' }));
  await user.type(screen.getByLabelText(/^Name/), 'carts');
  await user.click(screen.getByRole('button', { name: 'Create carts on shop' }));
  await vi.waitFor(() =>
    expect(called('collection:create')[0]).toMatchObject({ connection: 'shop', name: 'carts', options: {} }),
  );
});
