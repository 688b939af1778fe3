import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, anEngine, aTest } from '../../test/samples';
import DatabasePage from '.';

const ANSWERS: Answers = {
  'connection:engines': {
    engines: [anEngine(), anEngine({ name: 'mongodb', label: 'MongoDB', tool: 'migrate-mongo' })],
  },
  'connection:list': { connections: [aConnection()], problems: [] },
  'connection:test': aTest(),
};

const open = (answers: Answers = {}, tab = 'server') =>
  renderPage(<DatabasePage />, {
    path: '/c/:connection/database',
    at: `/c/shop/database?tab=${tab}`,
    answers: { ...ANSWERS, ...answers },
  });

test('what led to the tables leads to them on the Schema page', async () => {
  const { router } = open({}, 'browse&table=audit.events');
  await vi.waitFor(() => expect(router.state.location.pathname).toBe('/c/shop/schema'));
  expect(router.state.location.search).toBe('?tab=tables&table=audit.events');
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
