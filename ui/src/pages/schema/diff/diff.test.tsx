import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { GeneratedFile, Proof, SchemaChange } from '../../../api/types.generated';
import type { Comparison, Generated } from '../../../components/schemaDiff/sides';
import { forgetDiffs } from '../../../components/schemaDiff/state';
import type { CodeEditorProps } from '../../../editor/CodeEditor';
import { type Answers, fail, renderPage } from '../../../test/render';
import { aConnection, aMigration } from '../../../test/samples';
import DiffTab from './DiffTab';

// Monaco measures letters, which jsdom cannot: fields stand in for it here; the browser tests drive the real one.
vi.mock('../../../editor/CodeEditor', () => ({
  default: ({ value, onChange, label, readOnly }: CodeEditorProps) => (
    <textarea
      aria-label={label}
      value={value}
      readOnly={readOnly}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  ),
}));
vi.mock('../../../editor/DiffEditor', () => ({
  default: ({ original, modified }: { original: string; modified: string }) => (
    <pre>
      {original} | {modified}
    </pre>
  ),
}));

const change = (id: string, more: Partial<SchemaChange> = {}): SchemaChange => ({
  id,
  kind: id.split(' ')[0] ?? '',
  name: id.split(' ')[1] ?? '',
  schema_name: 'public',
  parent: null,
  change: 'changed',
  old_id: null,
  before: 'before',
  after: 'after',
  lines_added: 1,
  lines_removed: 1,
  ...more,
});
const side = (label: string, sha256: string) => ({
  label,
  engine: 'postgres' as const,
  server_version: '18',
  sha256,
  objects: 3,
  skipped: [],
});
const compared = (more: Partial<Comparison> = {}): Comparison => ({
  engine: 'postgres',
  equal: false,
  source: side('shop', 'aaa'),
  target: side('schema.sql', 'bbb'),
  changes: [change('table users'), change('index by_mail', { change: 'added', before: null })],
  counts: {},
  renames: [],
  ...more,
});
const proven = (more: Partial<Proof> = {}): Proof => ({
  up: true,
  down: true,
  rows: true,
  rows_seeded: 6,
  left_up: [],
  left_down: [],
  problems: [],
  scratch: 'the bundled PostgreSQL',
  ...more,
});
const file = (name: string, more: Partial<GeneratedFile> = {}): GeneratedFile => ({
  name,
  up: `up of ${name};`,
  down: `down of ${name};`,
  transaction: true,
  transaction_down: true,
  content: '',
  ...more,
});
const generated = (more: Partial<Generated> = {}): Generated => ({
  files: [file('change users')],
  statements: [{ sql: 'DROP TABLE old', file: 0, objects: ['table users'] }],
  hazards: [{ kind: 'data_loss', message: 'The rows of old are lost.', statement: 0 }],
  proven: proven(),
  not_expressed: [],
  name: 'change_users',
  ...more,
});

const shop = aConnection();

function show(answers: Answers = {}) {
  return renderPage(<DiffTab connection={shop} />, {
    path: '/c/:connection/schema',
    at: '/c/shop/schema',
    answers: {
      'connection:list': { connections: [shop], problems: [] },
      'schema:drift': {
        connection: 'shop',
        state: 'unknown',
        reason: 'It was never checked.',
        hint: null,
        checked_at: null,
        changes: [],
        total: 0,
        counts: {},
        notes: [],
        files: 0,
        scratch: null,
        from_memory: true,
      },
      'schema:compare': compared(),
      'schema:generate': generated(),
      ...answers,
    },
  });
}

async function compares(answers: Answers = {}) {
  const { user, calls } = show(answers);
  await user.click(await screen.findByRole('button', { name: 'Compare' }));
  return { user, calls };
}

async function generates(answers: Answers = {}) {
  const { user, calls } = await compares(answers);
  await user.click(await screen.findByRole('button', { name: /^Generate/ }));
  await screen.findByRole('region', { name: 'Proof' });
  return { user, calls };
}

beforeEach(() => forgetDiffs());

describe('comparing', () => {
  it('asks for the live database against the schema file', async () => {
    const { calls } = await compares();
    expect(await screen.findByRole('tree', { name: 'Changes' })).toBeVisible();
    const { payload } = calls.find((one) => one.channel === 'schema:compare') ?? {};
    expect(payload).toMatchObject({
      from: { connection: 'shop' },
      to: { file: shop.schema_file, engine: 'postgres' },
    });
  });

  it('says that two schemas are equal', async () => {
    await compares({ 'schema:compare': compared({ equal: true, changes: [] }) });
    expect(await screen.findByText('The two schemas are equal')).toBeVisible();
  });

  it('says what was left out of it', async () => {
    const source = { ...side('shop', 'aaa'), skipped: ['line 3: no such extension'] };
    await compares({ 'schema:compare': compared({ source }) });
    expect(await screen.findByText('1 thing was left out of the comparison')).toBeVisible();
  });

  it('shows why it failed, with a way to try again', async () => {
    await compares({
      'schema:compare': () => fail({ code: 'migration_failed', message: 'schema.sql, line 3' }),
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('schema.sql, line 3');
    expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  });

  it('is kind about an engine that has no diff yet', async () => {
    await compares({
      'schema:compare': () =>
        fail({
          code: 'not_supported',
          message: 'Schemas of spanner cannot be compared yet.',
          details: { capability: 'schema_diff' },
        }),
    });
    expect(await screen.findByText('No schema diff here yet')).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('renames', () => {
  const renames = [
    {
      old: 'column table public.users.mail',
      new: 'column table public.users.email',
      likeness: 1,
      reason: 'same',
    },
  ];

  it('are asked, and travel with the request once confirmed', async () => {
    const { user, calls } = await compares({ 'schema:compare': compared({ renames }) });
    await user.click(await screen.findByRole('button', { name: 'Renamed' }));
    await user.click(screen.getByRole('button', { name: 'Generate migration' }));
    await screen.findByRole('region', { name: 'Proof' });
    expect(calls.find((one) => one.channel === 'schema:generate')?.payload.renames).toEqual({
      'column table public.users.mail': 'column table public.users.email',
    });
  });

  it('are two changes where that is the answer', async () => {
    const { user, calls } = await compares({ 'schema:compare': compared({ renames }) });
    await user.click(await screen.findByRole('button', { name: 'Two separate changes' }));
    expect(screen.queryByText('public.users.mail', { exact: false })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Generate migration' }));
    await screen.findByRole('region', { name: 'Proof' });
    expect(calls.find((one) => one.channel === 'schema:generate')?.payload.renames).toEqual({});
  });
});

describe('the migration', () => {
  it('is of what is chosen, as it was seen', async () => {
    const { user, calls } = await compares();
    const tree = await screen.findByRole('tree', { name: 'Changes' });
    tree.focus();
    await user.keyboard('{ArrowDown} ');
    await user.click(screen.getByRole('button', { name: 'Generate 1 of 2 changes' }));
    await screen.findByRole('region', { name: 'Proof' });
    expect(calls.find((one) => one.channel === 'schema:generate')?.payload).toMatchObject({
      include: expect.arrayContaining([expect.any(String)]),
      seen: { from: 'aaa', to: 'bbb' },
      style: 'plain',
    });
  });

  it('names its hazards, and what is not expressed', async () => {
    await generates({ 'schema:generate': generated({ not_expressed: ['A trigger is left as it is.'] }) });
    expect(within(screen.getByRole('region', { name: 'Hazards' })).getByText('Data loss')).toBeVisible();
    expect(screen.getByText('A trigger is left as it is.')).toBeVisible();
  });

  it('says why it is not proven', async () => {
    const unproven = proven({ up: null, down: null, rows: null, problems: ['There is no server.'] });
    await generates({ 'schema:generate': generated({ proven: unproven }) });
    const proof = screen.getByRole('region', { name: 'Proof' });
    expect(proof).toHaveTextContent('Not proven');
    expect(proof).toHaveTextContent('There is no server.');
  });

  it('is not proven any more once it is edited, and can be proven again as it stands', async () => {
    const { user, calls } = await generates({ 'schema:prove': proven({ down: false }) });
    await user.type(await screen.findByRole('textbox', { name: 'Down' }), ' more');
    expect(screen.getByRole('region', { name: 'Proof' })).toHaveTextContent('Not proven as it stands');
    await user.click(screen.getByRole('button', { name: 'Prove again' }));
    await screen.findByText('Proven up, not down');
    expect(calls.find((one) => one.channel === 'schema:prove')?.payload.files).toMatchObject([
      { down: 'down of change users; more' },
    ]);
  });

  it('is refused where a side changed meanwhile, and compared again', async () => {
    const { user, calls } = await compares({
      'schema:generate': () => fail({ code: 'conflict', message: 'shop has changed since it was compared.' }),
    });
    await user.click(await screen.findByRole('button', { name: 'Generate migration' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('has changed since');
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    expect(calls.filter((one) => one.channel === 'schema:compare')).toHaveLength(2);
  });
});

describe('saving', () => {
  const two = generated({ files: [file('a', { transaction: false }), file('b')] });

  it('writes each file, in order, with the transaction it needs', async () => {
    let count = 0;
    const { user, calls } = await generates({
      'schema:generate': two,
      'migration:new': () => {
        count += 1;
        return { ...aMigration({ filename: `${count}.sql` }), others: [] };
      },
    });
    await user.click(screen.getByRole('button', { name: 'Save as 2 migrations for shop' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    expect(calls.filter((one) => one.channel === 'migration:new').map((one) => one.payload)).toMatchObject([
      { name: 'change_users 1', up: 'up of a;', transaction: false, transaction_down: true },
      { name: 'change_users 2', up: 'up of b;', transaction: true, transaction_down: true },
    ]);
  });

  it('goes on after the file that stopped it', async () => {
    let count = 0;
    const { user, calls } = await generates({
      'schema:generate': two,
      'migration:new': () => {
        count += 1;
        if (count === 2) fail({ code: 'disk_full', message: 'No room.' });
        return { ...aMigration({ filename: `${count}.sql` }), others: [] };
      },
    });
    await user.click(screen.getByRole('button', { name: 'Save as 2 migrations for shop' }));
    expect(await screen.findByText(/1 of 2 written/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Save as 2 migrations for shop' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    const names = calls.filter((one) => one.channel === 'migration:new').map((one) => one.payload.name);
    expect(names).toEqual(['change_users 1', 'change_users 2', 'change_users 2']);
  });
});
