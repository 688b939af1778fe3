import { act, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { emit } from '../../api/events';
import type { Finding, MigrationContent, Validation } from '../../api/types.generated';
import type { CodeEditorProps } from '../../editor/CodeEditor';
import { listenForKeys } from '../../lib/commands';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, aMigration } from '../../test/samples';
import EditorPage from './index';

/** What the editors were told last, by their labels. */
const told = new Map<string, CodeEditorProps>();

// Monaco measures letters, which jsdom cannot: a field stands in for it here; the browser tests drive the real one.
vi.mock('../../editor/CodeEditor', async () => {
  const { useImperativeHandle, useRef } = await import('react');
  return {
    default: function Field(props: CodeEditorProps) {
      const field = useRef<HTMLTextAreaElement>(null);
      told.set(props.label, props);
      useImperativeHandle(props.ref, () => ({
        focus: () => field.current?.focus(),
        flush: () => undefined,
        goTo: () => field.current?.focus(),
        insert: () => undefined,
        selected: () => '',
      }));
      return (
        <textarea
          ref={field}
          aria-label={props.label}
          value={props.value}
          readOnly={props.readOnly}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        />
      );
    },
  };
});

const UP = 'DROP TABLE logs;';
const DOWN = 'SELECT 1;';
const FILE = `-- migrate:up\n${UP}\n\n-- migrate:down\n${DOWN}\n`;
const file: MigrationContent = {
  migration: aMigration({ filename: '1_drop.sql', name: 'drop', sha256: 's' }),
  content: FILE,
  up: UP,
  down: DOWN,
  sha256: 's',
  encoding: 'utf-8',
  newline: '\n',
  ran: null,
};

const aFinding = (change: Partial<Finding> = {}): Finding => ({
  code: 'drop-table',
  severity: 'critical',
  title: 'Table dropped',
  message: 'The rows of logs are gone.',
  line: 2,
  column: 1,
  end_line: 2,
  end_column: 16,
  direction: 'up',
  statement: 'DROP TABLE logs',
  safe_form: 'ALTER TABLE logs RENAME TO logs_old;',
  advice: 'Rename it first.',
  fixes: [],
  docs: 'docs/rules/drop-table.md',
  confirm: false,
  unknown: false,
  source: '',
  engine: 'postgres',
  ...change,
});

const validation = (findings: Finding[], change: Partial<Validation> = {}): Validation => ({
  engine: 'postgres',
  files: [
    {
      version: '1',
      filename: '1_drop.sql',
      path: '/m/1_drop.sql',
      status: 'pending',
      problems: [],
      findings,
      suppressed: [],
      statements: 2,
      unparsed: 0,
      left_out: 0,
      parser: '',
      parser_unknown: null,
    },
  ],
  counts: {},
  worst: null,
  facts: true,
  notes: [],
  checks: [],
  ...change,
});

const answers: Answers = {
  'connection:list': { connections: [aConnection()], problems: [] },
  'migration:read': file,
  'draft:list': { drafts: [] },
  'draft:save': (draft) => ({ base_sha256: null, ...draft, saved_at: '2026-01-17T12:00:00Z' }),
  'schema:catalog': { default_schema: 'public', functions: [], types: [], tables: [] },
  'migration:validate': ({ content }) => validation(content?.includes('DROP TABLE logs') ? [aFinding()] : []),
  'migration:new': { ...aMigration(), others: [] },
};

const show = (more: Answers = {}) =>
  renderPage(<EditorPage />, {
    path: '/c/:connection/edit/:version',
    at: '/c/shop/edit/1_drop.sql',
    answers: { ...answers, ...more },
  });

const row = (name: RegExp) => screen.findByRole('button', { name });
const up = () => screen.findByRole('textbox', { name: 'Up' });

beforeEach(() => told.clear());

describe('findings', () => {
  it('stand in the header, the list, and under the text', async () => {
    show();
    expect(await screen.findByRole('button', { name: /1 finding Critical/ })).toBeVisible();
    expect(await row(/Critical Line 2 The rows of logs are gone/)).toBeVisible();
    await waitFor(() =>
      expect(told.get('Up')?.markers).toMatchObject([
        { level: 'critical', line: 1, column: 1, endColumn: 16 },
      ]),
    );
    expect(told.get('Down')?.markers).toEqual([]);
  });

  it('follow the text a moment after typing stops, asked once', async () => {
    const { user, called } = show();
    await row(/The rows of logs/);
    await user.clear(await up());
    await user.type(await up(), 'SELECT 2;');
    expect(await screen.findByRole('heading', { name: 'Nothing found' })).toBeVisible();
    expect(called('migration:validate')).toEqual([
      { connection: 'shop', version: '1_drop.sql', columns: 'utf16', content: FILE },
      {
        connection: 'shop',
        version: '1_drop.sql',
        columns: 'utf16',
        content: FILE.replace(UP, 'SELECT 2;'),
      },
    ]);
  });

  it('are looked for again when the database or the other files change', async () => {
    const { called } = show();
    await row(/The rows of logs/);
    act(() => emit('database:changed', { connection: 'shop' }));
    await waitFor(() => expect(called('migration:validate')).toHaveLength(2));
  });

  it('keep the chosen one while they are renewed, and the keys go on from it', async () => {
    const rows = { count: 3 };
    const { user } = show({
      'migration:validate': () =>
        validation([
          aFinding({ message: `${rows.count} rows of logs are gone.` }),
          aFinding({ message: 'Nobody may wait.', line: 2, column: 6, severity: 'low' }),
          aFinding({ message: 'Later.', line: 5, direction: 'down', severity: 'low' }),
        ]),
    });
    await row(/3 rows of logs/);
    const stop = listenForKeys();
    await user.keyboard('{F8}');
    await user.click(screen.getByRole('button', { name: 'Switch it off here…' }));
    await user.type(screen.getByLabelText('Why it is fine here'), 'emptied');
    rows.count = 4;
    act(() => emit('database:changed', { connection: 'shop' }));
    expect(await row(/4 rows of logs/)).toHaveAttribute('aria-current', 'true');
    const detail = screen.getByRole('region', { name: 'The chosen finding' });
    expect(within(detail).getByText('4 rows of logs are gone.')).toBeVisible();
    expect(within(detail).getByLabelText('Why it is fine here')).toHaveValue('emptied');
    await user.keyboard('{Escape}{F8}');
    expect(await row(/Nobody may wait/)).toHaveAttribute('aria-current', 'true');
    await user.keyboard('{Shift>}{F8}{/Shift}');
    expect(await row(/4 rows of logs/)).toHaveAttribute('aria-current', 'true');
    stop();
  });

  it('lead to their line and say what to do', async () => {
    const { user } = show();
    await user.click(await row(/The rows of logs/));
    expect(await up()).toHaveFocus();
    const detail = screen.getByRole('region', { name: 'The chosen finding' });
    expect(within(detail).getByRole('heading', { name: 'Table dropped' })).toBeVisible();
    expect(within(detail).getByText('Rename it first.')).toBeVisible();
    await user.click(within(detail).getByRole('button', { name: 'Use the safe form' }));
    expect(await up()).toHaveValue('ALTER TABLE logs RENAME TO logs_old;');
  });

  it('say where their severity is an assumption', async () => {
    show({ 'migration:validate': validation([aFinding({ unknown: true })]) });
    expect(within(await row(/The rows of logs/)).getByText('Unknown')).toBeVisible();
  });

  it('are filtered by words', async () => {
    const many = Array.from({ length: 7 }, (_one, at) =>
      aFinding({ message: `Finding ${at}`, code: at === 3 ? 'pg-char' : 'drop-table', severity: 'low' }),
    );
    const { user } = show({ 'migration:validate': validation(many) });
    await user.type(await screen.findByLabelText('Filter findings'), 'pg-char');
    expect(within(screen.getByRole('list', { name: 'Findings' })).getAllByRole('button')).toHaveLength(1);
  });

  it('are not claimed to be none where the text could not be looked at', async () => {
    show({ 'migration:validate': () => fail({ code: 'internal_error', message: 'The parser is gone.' }) });
    expect(await screen.findByText(/could not be looked at: The parser is gone/)).toBeVisible();
    expect(screen.queryByRole('heading', { name: 'Nothing found' })).toBeNull();
  });

  it('are switched off in the file, with a reason', async () => {
    const { user } = show();
    await user.click(await row(/The rows of logs/));
    await user.click(screen.getByRole('button', { name: 'Switch it off here…' }));
    await user.type(screen.getByLabelText('Why it is fine here'), 'emptied in March{Enter}');
    expect(await up()).toHaveValue('-- dbtoolkit:ignore drop-table: emptied in March\nDROP TABLE logs;');
  });
});

describe('fixes', () => {
  const rename = {
    title: 'Rename it instead',
    edits: [{ line: 2, column: 1, end_line: 2, end_column: 16, text: 'ALTER TABLE logs RENAME TO logs_old' }],
    new_files: [],
  };
  const later = {
    title: 'Drop it later',
    edits: [{ line: 2, column: 1, end_line: 3, end_column: 1, text: '' }],
    new_files: [{ name: 'drop_logs', up: 'DROP TABLE logs;', down: '', transaction: false }],
  };
  const withFixes: Answers = { 'migration:validate': validation([aFinding({ fixes: [rename, later] })]) };

  it('change the text', async () => {
    const { user } = show(withFixes);
    await user.click(await row(/The rows of logs/));
    await user.click(screen.getByRole('button', { name: 'Rename it instead' }));
    expect(await up()).toHaveValue('ALTER TABLE logs RENAME TO logs_old;');
  });

  it('are the editor’s quick fixes too', async () => {
    show(withFixes);
    await row(/The rows of logs/);
    const editor = told.get('Up');
    const [marker] = editor?.markers ?? [];
    const actions = editor?.actionsOf?.(marker?.id ?? '') ?? [];
    expect(actions.map((one) => one.title)).toEqual(['Rename it instead', 'Drop it later…']);
    act(() => actions[0]?.run());
    expect(await up()).toHaveValue('ALTER TABLE logs RENAME TO logs_old;');
  });

  it('ask before they make further migrations', async () => {
    const { user, called } = show(withFixes);
    await user.click(await row(/The rows of logs/));
    await user.click(screen.getByRole('button', { name: 'Drop it later' }));
    const dialog = await screen.findByRole('dialog', { name: 'Drop it later' });
    expect(within(dialog).getByText('outside a transaction')).toBeVisible();
    expect(called('migration:new')).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Make 1 migration for shop' }));
    await waitFor(() =>
      expect(called('migration:new')).toEqual([{ connection: 'shop', ...later.new_files[0] }]),
    );
    await waitFor(async () => expect(await up()).toHaveValue(''));
  });
});
