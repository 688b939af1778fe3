import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RenderedFile, RenderedTemplate, Template, TemplateField } from '../../api/types.generated';
import { runAsked } from '../../components/run/ask';
import type { CodeEditorProps } from '../../editor/CodeEditor';
import { listenForKeys } from '../../lib/commands';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, aMigration } from '../../test/samples';
import WizardPage from './index';
import { forgetWizards } from './useWizard';

// Monaco measures letters, which jsdom cannot: a field stands in for it here; the browser tests drive the real one.
vi.mock('../../editor/CodeEditor', () => ({
  default: ({ value, onChange, label, readOnly }: CodeEditorProps) => (
    <textarea
      aria-label={label}
      value={value}
      readOnly={readOnly}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  ),
}));

const field = (change: Partial<TemplateField> & { name: string; label: string }): TemplateField => ({
  kind: 'name',
  help: null,
  required: true,
  default: null,
  example: null,
  of: null,
  choices: [],
  ...change,
});

const template = (change: Partial<Template> & { id: string; title: string }): Template => ({
  group: 'Columns',
  description: 'Does it.',
  safe: null,
  destructive: false,
  name: change.id,
  source: 'shipped',
  path: `/app/templates/${change.id}.sql`,
  overrides: null,
  steps: [],
  fields: [],
  problem: null,
  ...change,
});

const ADD_COLUMN = template({
  id: 'add_column',
  title: 'Add a column',
  name: 'add_{{column}}_to_{{table}}',
  safe: 'A constant default does not rewrite the table.',
  fields: [
    field({ name: 'table', label: 'Table', kind: 'table' }),
    field({ name: 'column', label: 'New column' }),
    field({ name: 'after', label: 'After', kind: 'column', of: 'table', required: false }),
  ],
});
const CREATE_TABLE = template({
  id: 'create_table',
  title: 'Create a table',
  group: 'Tables',
  fields: [
    field({ name: 'table', label: 'New table', kind: 'new-table' }),
    field({
      name: 'columns',
      label: 'Columns',
      kind: 'column-list',
      example: [{ name: 'id', type: 'bigint', primary_key: true }],
    }),
  ],
});
const FK = template({
  id: 'add_foreign_key_safely',
  title: 'Add a foreign key, in steps',
  group: 'Constraints',
  safe: 'NOT VALID is quick.',
  steps: ['add', 'validate'],
  fields: [field({ name: 'table', label: 'Table', kind: 'table' })],
});
const OWN = template({
  id: 'audit',
  title: 'Add audit columns',
  source: 'user',
  path: '/home/ada/DB-Toolkit/templates/postgres/audit.sql',
});

const aFile = (change: Partial<RenderedFile> = {}): RenderedFile => {
  const up = change.up ?? 'ALTER TABLE orders ADD COLUMN nickname text;';
  const down = change.down ?? 'ALTER TABLE orders DROP COLUMN nickname;';
  return {
    name: 'add_nickname_to_orders',
    step: null,
    up,
    down,
    transaction: true,
    transaction_down: true,
    content: `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`,
    ...change,
  };
};

const rendered = (
  files: RenderedFile[] = [aFile()],
  change: Partial<RenderedTemplate> = {},
): RenderedTemplate => {
  const [first = aFile()] = files;
  const { step: _step, ...rest } = first;
  return { template: 'add_column', ...rest, files, warnings: [], ...change };
};

const missing = (template: string, fields: string[]) =>
  fail({
    code: 'invalid_request',
    message: `${template} needs a value for ${fields.join(', ')}.`,
    details: { template, field: fields[0], fields },
  });

const choices = (...names: string[]) => names.map((value) => ({ value, label: value, detail: 'text' }));

const answers: Answers = {
  'connection:list': { connections: [aConnection()], problems: [] },
  'draft:list': { drafts: [] },
  'draft:save': (draft) => ({ base_sha256: null, ...draft, saved_at: '2026-01-17T12:00:00Z' }),
  'draft:delete': { done: true },
  'schema:catalog': { default_schema: 'public', functions: [], types: [], tables: [] },
  'template:list': {
    templates: [ADD_COLUMN, CREATE_TABLE, FK, OWN],
    problems: [
      {
        path: '/home/ada/x/broken.sql',
        line: 5,
        message: "the field table has the unknown kind 'tabel'",
        source: 'team',
      },
    ],
    folders: ['/home/ada/DB-Toolkit/templates/postgres'],
  },
  'template:get': ({ template: id, values }) => {
    const found = [ADD_COLUMN, CREATE_TABLE, FK, OWN].find((one) => one.id === id) ?? ADD_COLUMN;
    return {
      ...found,
      fields: found.fields.map((one) => ({
        ...one,
        choices:
          one.kind === 'table'
            ? choices('orders', 'customers')
            : one.kind === 'column' && values?.table === 'orders'
              ? choices('total')
              : [],
      })),
    };
  },
  'template:render': ({ template: id, values = {} }) => {
    const needed =
      { add_column: ['table', 'column'], create_table: ['table'], add_foreign_key_safely: ['table'] }[id] ??
      [];
    const lacking = needed.filter((name) => values?.[name] === undefined);
    if (lacking.length > 0) missing(id, lacking);
    if (id === 'add_foreign_key_safely')
      return rendered(
        [
          aFile({ name: 'fk_of_orders add', step: 'add' }),
          aFile({ name: 'fk_of_orders validate', step: 'validate' }),
        ],
        { template: id },
      );
    if (id === 'create_table')
      return rendered([aFile({ up: JSON.stringify(values?.columns), name: 'create_x' })], { template: id });
    const up = `ALTER TABLE ${values?.table} ADD COLUMN ${values?.column} text;`;
    return rendered([aFile({ up })]);
  },
  'migration:validate': {
    engine: 'postgres',
    files: [],
    checks: [],
    counts: {},
    worst: null,
    facts: true,
    notes: [],
  },
  'migration:new': ({ name }) => ({
    ...aMigration({ filename: `2026_${name.replaceAll(' ', '_')}.sql` }),
    others: [],
  }),
};

const show = (more: Answers = {}, at = '/c/shop/new') =>
  renderPage(<WizardPage />, { path: '/c/:connection/new', at, answers: { ...answers, ...more } });

beforeEach(() => {
  forgetWizards();
  runAsked.set(null);
  const stop = listenForKeys();
  return stop;
});

const search = () => screen.findByRole('combobox', { name: 'Search templates' });
const preview = (name: string) => screen.findByLabelText(`Preview of ${name}`);

describe('a blank migration', () => {
  it('is Enter, a name, Enter: and the editor opens on the file', async () => {
    const { user, router, called } = show();
    await search();
    await user.keyboard('{Enter}');
    await user.type(await screen.findByLabelText('What does it do?'), 'create users{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe('/c/shop/edit/2026_create_users.sql'));
    expect(called('migration:new')).toEqual([{ connection: 'shop', name: 'create users' }]);
    expect(called('draft:delete')).toEqual([{ connection: 'shop', key: 'wizard' }]);
  });

  it('asks for a name at the field', async () => {
    const { user, called } = show();
    await search();
    await user.keyboard('{Enter}');
    await screen.findByLabelText('What does it do?');
    await user.keyboard('{Enter}');
    expect(await screen.findByText('Needed: it names the file.')).toBeVisible();
    expect(called('migration:new')).toEqual([]);
  });
});

describe('the list of templates', () => {
  it('groups, marks and searches them, and says which files cannot be used and why', async () => {
    const { user } = show();
    await user.click(await search());
    expect(await screen.findByRole('group', { name: 'Tables' })).toBeVisible();
    const fk = screen.getByRole('option', { name: /Add a foreign key, in steps/ });
    expect(within(fk).getByText('Safe')).toBeVisible();
    expect(
      within(screen.getByRole('option', { name: /Add audit columns/ })).getByText('Yours'),
    ).toBeVisible();
    const broken = screen.getByRole('region', { name: 'Templates that cannot be used' });
    expect(broken).toHaveTextContent("broken.sql, line 5: the field table has the unknown kind 'tabel'");
    await user.keyboard('audit');
    expect(screen.getAllByRole('option')).toHaveLength(1);
    expect(screen.getByText(/templates\/postgres\/audit.sql/)).toBeVisible();
  });

  it('has no accessibility violations', async () => {
    show();
    await screen.findByRole('group', { name: 'Tables' });
    const { violations } = await axe.run(document.body, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(violations.map((one) => `${one.id}: ${one.nodes[0]?.html}`)).toEqual([]);
  });
});

/** From the list into the fields of a template, by the keyboard. */
async function choose(user: ReturnType<typeof show>['user'], words: string, first: string) {
  await user.click(await search());
  await screen.findByRole('group', { name: 'Tables' });
  await user.keyboard(`${words}{Enter}`);
  return screen.findByRole('combobox', { name: first });
}

describe('a template', () => {
  it('is filled in, seen at once, and saved, all by the keyboard', async () => {
    const { user, router, called } = show();
    await choose(user, 'add a col', 'Table');
    await user.keyboard('orders{Tab}nickname');
    await waitFor(async () =>
      expect(await preview('up')).toHaveValue('ALTER TABLE orders ADD COLUMN nickname text;'),
    );
    await user.keyboard('{Enter}');
    await screen.findByRole('button', { name: 'Save for shop' });
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(router.state.location.pathname).toContain('/edit/'));
    expect(called('migration:new')).toEqual([
      {
        connection: 'shop',
        name: 'add_nickname_to_orders',
        content: aFile().content,
      },
    ]);
  });

  it('offers the columns of the table that was chosen', async () => {
    const { user, called } = show();
    await choose(user, 'add a col', 'Table');
    await user.keyboard('orders');
    await waitFor(() =>
      expect(called('template:get').at(-1)).toEqual({
        connection: 'shop',
        template: 'add_column',
        values: { table: 'orders' },
      }),
    );
    await user.click(screen.getByRole('combobox', { name: 'After' }));
    expect(await screen.findByRole('option', { name: /total/ })).toBeInTheDocument();
  });

  it('says what is missing, and at the field once Next was pressed', async () => {
    const { user } = show();
    await choose(user, 'add a col', 'Table');
    expect(await screen.findByText('Still to fill in: Table and New column.')).toBeVisible();
    expect(screen.queryByText('Needed.')).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Next' }));
    expect(await screen.findAllByText('Needed.')).toHaveLength(2);
    expect(screen.getByRole('combobox', { name: 'Table' })).toHaveFocus();
  });

  it('shows an error of a value at its field', async () => {
    const { user } = show({
      'template:render': () =>
        fail({
          code: 'invalid_request',
          message: 'add_column: the field column: the name has 80 bytes; 63 are allowed.',
          details: { template: 'add_column', field: 'column' },
        }),
    });
    await choose(user, 'add a col', 'Table');
    await user.keyboard('orders{Tab}nickname');
    expect(await screen.findByText('The name has 80 bytes; 63 are allowed.')).toBeVisible();
  });

  it('loses nothing by going back, nor by looking at another template', async () => {
    const { user } = show();
    await choose(user, 'add a col', 'Table');
    await user.keyboard('orders{Tab}nickname');
    await preview('up');
    await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    await choose(user, 'foreign', 'Table');
    expect(screen.getByRole('combobox', { name: 'Table' })).toHaveValue('');
    await user.click(screen.getByRole('button', { name: 'Back' }));
    await choose(user, 'add a col', 'Table');
    expect(screen.getByRole('combobox', { name: 'Table' })).toHaveValue('orders');
    expect(screen.getByLabelText('New column')).toHaveValue('nickname');
  });

  it('keeps a text changed by hand while the fields change, and lets choose', async () => {
    const { user, called } = show();
    await choose(user, 'add a col', 'Table');
    await user.keyboard('orders{Tab}nickname');
    await preview('up');
    await user.keyboard('{Enter}');
    await user.type(await screen.findByLabelText('Up'), ' -- mine');
    await user.click(screen.getByRole('button', { name: 'Back' }));
    await user.type(await screen.findByLabelText('New column'), '2');
    await waitFor(async () =>
      expect(await preview('up')).toHaveValue('ALTER TABLE orders ADD COLUMN nickname2 text;'),
    );
    await user.click(screen.getByRole('button', { name: 'Next' }));
    expect(await screen.findByText(/The fields changed after you edited the text/)).toBeVisible();
    expect(screen.getByLabelText('Up')).toHaveValue('ALTER TABLE orders ADD COLUMN nickname text; -- mine');
    await user.click(screen.getByRole('button', { name: 'Keep mine' }));
    await user.click(screen.getByRole('button', { name: 'Save for shop' }));
    await waitFor(() => expect(called('migration:new')).toHaveLength(1));
    expect(called('migration:new')[0]?.content).toContain('nickname text; -- mine\n\n-- migrate:down');
  });

  it('comes back after a restart, where it was', async () => {
    const first = show();
    await choose(first.user, 'add a col', 'Table');
    await first.user.keyboard('orders');
    await waitFor(() => expect(first.called('draft:save').length).toBeGreaterThan(0), { timeout: 2000 });
    const kept = first.called('draft:save').at(-1) as { key: string; content: string };
    await waitFor(() =>
      expect((first.called('draft:save').at(-1) as { content: string }).content).toContain('orders'),
    );
    first.unmount();
    forgetWizards();
    show({
      'draft:list': {
        drafts: [
          {
            key: kept.key,
            content: (first.called('draft:save').at(-1) as { content: string }).content,
            base_sha256: null,
            saved_at: '2026-01-17T12:00:00Z',
          },
        ],
      },
    });
    expect(await screen.findByText(/This is where you left off/)).toBeVisible();
    expect(await screen.findByRole('combobox', { name: 'Table' })).toHaveValue('orders');
  });
});

it('says what is dangerous before anything is written', async () => {
  const { user, called } = show({
    'migration:validate': {
      engine: 'postgres',
      files: [
        {
          version: '',
          filename: '',
          path: '',
          status: null,
          parser: '',
          parser_unknown: null,
          left_out: 0,
          problems: [],
          findings: [
            {
              code: 'pg-no-lock-timeout',
              source: '',
              severity: 'low',
              title: 'Waits',
              message: 'It waits for its lock for ever.',
              line: 2,
              column: 1,
              end_line: 2,
              end_column: 5,
              direction: 'up',
              statement: 'ALTER',
              safe_form: null,
              advice: 'Set lock_timeout.',
              fixes: [],
              docs: '',
              confirm: false,
              unknown: false,
              engine: 'postgres',
            },
          ],
          suppressed: [],
          statements: 1,
          unparsed: 0,
        },
      ],
      checks: [],
      counts: {},
      worst: 'low',
      facts: true,
      notes: [],
    },
  });
  await choose(user, 'add a col', 'Table');
  await user.keyboard('orders{Tab}nickname');
  await preview('up');
  await user.keyboard('{Enter}');
  const findings = await screen.findByRole('list', { name: 'Findings' });
  expect(findings).toHaveTextContent('LowIt waits for its lock for ever. Set lock_timeout.');
  expect(called('migration:validate').at(-1)).toEqual({ connection: 'shop', content: aFile().content });
});

describe('columns of a new table', () => {
  it('begin with the key and are added, moved and removed', async () => {
    const { user } = show();
    await user.click(await search());
    await screen.findByRole('group', { name: 'Tables' });
    await user.keyboard('create a table{Enter}');
    await user.type(await screen.findByLabelText('New table'), 'x');
    expect(screen.getByLabelText('Name of column 1')).toHaveValue('id');
    await user.click(screen.getByRole('button', { name: 'Add a column' }));
    await user.keyboard('title{Tab}text');
    await user.click(screen.getByRole('button', { name: 'Move column 2 up' }));
    const columnsShown = async () =>
      JSON.parse(((await preview('up')) as HTMLTextAreaElement).value) as Array<{ name: string }>;
    await waitFor(async () => expect((await columnsShown()).map((one) => one.name)).toEqual(['title', 'id']));
    expect((await columnsShown())[0]).toEqual({
      name: 'title',
      type: 'text',
      nullable: true,
      default: null,
      primary_key: false,
    });
    await user.click(screen.getByRole('button', { name: 'Remove column 1' }));
    await waitFor(async () => expect((await columnsShown()).map((one) => one.name)).toEqual(['id']));
  });
});

describe('a template that makes several migrations', () => {
  const fill = async (more: Answers = {}) => {
    const shown = show(more);
    await choose(shown.user, 'foreign', 'Table');
    await shown.user.keyboard('orders');
    await screen.findByRole('tab', { name: /validate/ });
    await shown.user.click(screen.getByRole('button', { name: 'Next' }));
    await screen.findByRole('button', { name: 'Save 2 for shop' });
    return shown;
  };

  it('saves them in order and asks to apply just them', async () => {
    const { user, router, called } = await fill();
    await user.click(screen.getByRole('button', { name: 'Save & apply to shop' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/c/shop/migrations'));
    expect(called('migration:new').map((one) => one.name)).toEqual([
      'fk_of_orders add',
      'fk_of_orders validate',
    ]);
    expect(runAsked.get()).toMatchObject({
      channel: 'migration:up',
      connection: 'shop',
      versions: ['2026_fk_of_orders_add.sql', '2026_fk_of_orders_validate.sql'],
    });
  });

  it('goes on with the rest where one could not be written', async () => {
    let calls = 0;
    const { user, router, called } = await fill({
      'migration:new': ({ name }) => {
        calls += 1;
        if (calls === 2) fail({ code: 'storage', message: 'The disk is full.' });
        return { ...aMigration({ filename: `2026_${name.replaceAll(' ', '_')}.sql` }), others: [] };
      },
    });
    await user.click(screen.getByRole('button', { name: 'Save 2 for shop' }));
    expect(await screen.findByText('The disk is full.')).toBeVisible();
    expect(screen.getByText(/1 file of 2 already written/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Save 2 for shop' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/c/shop/migrations'));
    expect(called('migration:new').map((one) => one.name)).toEqual([
      'fk_of_orders add',
      'fk_of_orders validate',
      'fk_of_orders validate',
    ]);
  });
});

it('duplicates another migration with its text', async () => {
  const file = aMigration({ name: 'create_users', filename: '2026_create_users.sql' });
  const { user, called, router } = show(
    {
      'migration:read': {
        migration: file,
        content: aFile().content,
        up: '',
        down: '',
        sha256: 's',
        encoding: 'utf-8',
        newline: '\n',
        ran: null,
      },
    },
    '/c/shop/new?from=2026_create_users.sql',
  );
  await waitFor(() => expect(screen.getByLabelText('What does it do?')).toHaveValue('create_users_copy'));
  await user.click(screen.getByRole('button', { name: 'Create for shop' }));
  await waitFor(() => expect(router.state.location.pathname).toContain('/edit/'));
  expect(called('migration:new')).toEqual([
    { connection: 'shop', name: 'create_users_copy', content: aFile().content },
  ]);
});
