import { screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import type { DetailColumn, DetailTable } from '../../../api/types.generated';
import { type Answers, fail, renderPage } from '../../../test/render';
import { aConnection, anEngine } from '../../../test/samples';
import SchemaPage from '../SchemaPage';

const COLUMN: DetailColumn = {
  name: 'id',
  type: 'bigint',
  nullable: false,
  default: null,
  primary_key: true,
  generated: null,
  identity: null,
  collation: null,
  comment: null,
  notes: [],
  share: null,
  types: [],
};

const aTable = (id: string, more: Partial<DetailTable> = {}): DetailTable => {
  const [name = '', schema = null] = id.split('.').reverse();
  return {
    id,
    schema_name: schema,
    name,
    kind: 'table',
    comment: null,
    rows: null,
    size_bytes: null,
    columns: [COLUMN],
    primary_key: null,
    uniques: [],
    checks: [],
    foreign_keys: [],
    indexes: [],
    triggers: [],
    properties: [],
    partition_by: null,
    parent: null,
    is_partition: false,
    children: [],
    definition: null,
    validator: null,
    sampled: null,
    problem: null,
    ...more,
  };
};

/** The schema as both channels tell it. */
function live(tables: DetailTable[], defaultSchema: string | null = 'public'): Answers {
  return {
    'schema:outline': {
      engine: 'postgres',
      tables: tables.map(({ id, schema_name, name, kind, rows, comment, parent, is_partition }) => ({
        id,
        schema_name,
        name,
        kind,
        rows,
        comment,
        parent,
        is_partition,
      })),
      relations: [],
      default_schema: defaultSchema,
      problems: [],
    },
    'schema:describe': ({ tables: asked }) => ({
      engine: 'postgres',
      tables: tables.filter((one) => !asked || asked.includes(one.id)),
      objects: [],
      missing: [],
      default_schema: defaultSchema,
      problems: [],
    }),
  };
}

const ANSWERS: Answers = {
  'connection:engines': {
    engines: [anEngine(), anEngine({ name: 'mongodb', label: 'MongoDB', tool: 'migrate-mongo' })],
  },
  'connection:list': { connections: [aConnection()], problems: [] },
  ...live([
    aTable('public.users', { rows: 1200 }),
    aTable('public.orders', { columns: [{ ...COLUMN, name: 'order_no' }] }),
    aTable('audit.events'),
  ]),
};

const open = (answers: Answers = {}, more = '') =>
  renderPage(<SchemaPage />, {
    path: '/c/:connection/schema',
    at: `/c/shop/schema?tab=tables${more}`,
    answers: { ...ANSWERS, ...answers },
  });

test('tables are listed, the default schema unsaid, and one is shown in full', async () => {
  const { user } = open();
  const list = await screen.findByRole('listbox', { name: 'Tables' });
  expect(
    within(list)
      .getAllByRole('option')
      .map((one) => one.textContent),
  ).toEqual(['audit.events', 'orders', 'users1.2K']);
  await user.click(within(list).getByRole('option', { name: /orders/ }));
  const detail = await screen.findByRole('region', { name: 'orders' });
  expect(await within(detail).findByText('order_no')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'New collection' })).not.toBeInTheDocument();
});

test('a table is found by its id and by the name that is shown', async () => {
  for (const asked of ['public.users', 'users']) {
    const { unmount } = open({}, `&table=${asked}`);
    expect(await screen.findByRole('region', { name: 'users' })).toBeInTheDocument();
    unmount();
  }
});

test('arrows go through the list, and it filters as one types', async () => {
  const { user } = open();
  (await screen.findByRole('listbox', { name: 'Tables' })).focus();
  await user.keyboard('{ArrowDown}{ArrowDown}');
  expect(screen.getByRole('option', { selected: true })).toHaveTextContent('users');
  await user.type(screen.getByLabelText('Filter tables'), 'ord');
  expect(screen.getAllByRole('option')).toHaveLength(1);
});

test('ten thousand tables do not make ten thousand rows', async () => {
  open(live(Array.from({ length: 10_000 }, (_, at) => aTable(`t${at}`))));
  await screen.findByRole('listbox', { name: 'Tables' });
  expect(screen.getAllByRole('option').length).toBeLessThan(150);
});

test('a missing database is created from where it is missed', async () => {
  let exists = false;
  const empty = live([])['schema:outline'] as Exclude<Answers['schema:outline'], undefined>;
  const { user, called } = open({
    'schema:outline': (payload) => {
      if (!exists) return fail({ code: 'database_missing' });
      return typeof empty === 'function' ? empty(payload) : empty;
    },
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

const mongo: Answers = {
  'connection:list': {
    connections: [aConnection({ engine: 'mongodb', tool: 'migrate-mongo' })],
    problems: [],
  },
  ...live([aTable('users', { kind: 'collection', columns: [] })], null),
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
