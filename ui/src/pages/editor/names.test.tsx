import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GeneratedDown, MigrationContent, SearchResult } from '../../api/types.generated';
import type { CodeEditorProps } from '../../editor/CodeEditor';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, aMigration } from '../../test/samples';
import { find } from './find';
import EditorPage from './index';

const told = new Map<string, CodeEditorProps>();
const went: Array<[string, number]> = [];

// Monaco measures letters, which jsdom cannot: a field stands in for it here; the browser tests drive the real one.
vi.mock('../../editor/CodeEditor', async () => {
  const { useImperativeHandle, useEffect } = await import('react');
  return {
    default: function Field(props: CodeEditorProps) {
      told.set(props.label, props);
      useEffect(() => props.onReady?.(), []);
      useImperativeHandle(props.ref, () => ({
        focus: () => undefined,
        flush: () => undefined,
        goTo: (line) => went.push([props.label, line]),
        insert: () => undefined,
        selected: () => '',
      }));
      return (
        <textarea
          aria-label={props.label}
          value={props.value}
          readOnly={props.readOnly}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        />
      );
    },
  };
});
vi.mock('../../editor/DiffEditor', () => ({
  default: ({ original, modified }: { original: string; modified: string }) => (
    <pre>
      {original} → {modified}
    </pre>
  ),
}));

const content = '-- migrate:up\nCREATE TABLE a (id int);\nDROP TABLE b;\n\n-- migrate:down\n';
const file: MigrationContent = {
  migration: aMigration({ version: '1', filename: '1_a.sql', name: 'a' }),
  content,
  up: 'CREATE TABLE a (id int);\nDROP TABLE b;',
  down: '',
  sha256: 'x',
  encoding: 'utf-8',
  newline: '\n',
  ran: null,
};

const made: GeneratedDown = {
  down: '-- b cannot be brought back\nDROP TABLE a;',
  transaction: true,
  complete: false,
  used_schema: true,
  schema_problem: null,
  steps: [
    { up: 'CREATE TABLE a', down: 'DROP TABLE a;', line: 1, source: 'text', note: null, undone: true },
    { up: 'DROP TABLE b', down: null, line: 2, source: 'none', note: 'Its rows are gone.', undone: false },
  ],
};

const result: SearchResult = {
  total: 3,
  files: 2,
  truncated: true,
  matches: [
    {
      version: '2',
      name: 'b',
      filename: '2_b.sql',
      line: 4,
      column: 7,
      text: 'word',
      before: 'a ',
      after: ' z',
      half: 'up',
    },
    {
      version: '1',
      name: 'a',
      filename: '1_a.sql',
      line: 3,
      column: 1,
      text: 'word',
      before: '',
      after: '',
      half: 'up',
    },
  ],
};

const answers: Answers = {
  'connection:list': { connections: [aConnection()], problems: [] },
  'migration:read': file,
  'draft:list': { drafts: [] },
  'draft:save': (draft) => ({ base_sha256: null, ...draft, saved_at: '2026-01-17T12:00:00Z' }),
  'schema:catalog': { default_schema: 'public', functions: [], types: [], tables: [] },
  'migration:validate': {
    engine: 'postgres',
    files: [],
    counts: {},
    worst: null,
    facts: true,
    notes: [],
  } as never,
  'migration:generate-down': made,
  'migration:search': result,
};

const show = (more: Answers = {}) =>
  renderPage(<EditorPage />, {
    path: '/c/:connection/edit/:version',
    at: '/c/shop/edit/1_a.sql',
    answers: { ...answers, ...more },
  });

beforeEach(() => {
  told.clear();
  went.length = 0;
  // Wide enough for the side to be open.
  window.innerWidth = 1400;
  find.set({ query: '', regex: false, case: false, word: false, half: 'all' });
});
afterEach(() => vi.restoreAllMocks());

const down = () => screen.getByRole('textbox', { name: 'Down' });

describe('generating the down', () => {
  it('writes it at once where down is empty, and says what it could not undo', async () => {
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Generate' }));
    await waitFor(() => expect(down()).toHaveValue(made.down));
    const note = await screen.findByText('1 of 2 statements cannot be undone.');
    expect(note).toBeVisible();
    expect(screen.getByText('Its rows are gone.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Line 3' }));
    expect(went).toContainEqual(['Up', 2]);
    await userEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByText('Its rows are gone.')).toBeNull();
  });

  it.each([
    ['Replace', made.down],
    ['Put it after', `DROP TABLE z;\n\n${made.down}`],
    ['Cancel', 'DROP TABLE z;'],
  ])('asks first where down has text: %s', async (button, text) => {
    show({ 'migration:read': { ...file, content: `${content}DROP TABLE z;\n`, down: 'DROP TABLE z;' } });
    await userEvent.click(await screen.findByRole('button', { name: 'Generate' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText(/1 statement cannot be undone: line 3/)).toBeVisible();
    expect(down()).toHaveValue('DROP TABLE z;');
    await userEvent.click(within(dialog).getByRole('button', { name: button }));
    await waitFor(() => expect(down()).toHaveValue(text));
  });

  it('takes a comment for an empty down', async () => {
    show({ 'migration:read': { ...file, down: '-- nothing yet' } });
    await userEvent.click(await screen.findByRole('button', { name: 'Generate' }));
    await waitFor(() => expect(down()).toHaveValue(made.down));
  });

  it('says why it could not, and leaves down alone', async () => {
    show({
      'migration:generate-down': () => {
        throw fail({ code: 'invalid_request', title: 'Not valid', message: 'It cannot be read.' });
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Generate' }));
    expect(await screen.findByText(/It cannot be read/)).toBeVisible();
    expect(down()).toHaveValue('');
  });

  it('has nothing to do without an up', async () => {
    show({ 'migration:read': { ...file, up: '', content: '-- migrate:up\n\n-- migrate:down\n' } });
    await userEvent.click(await screen.findByRole('button', { name: 'Generate' }));
    expect(await screen.findByText('There is nothing to undo')).toBeVisible();
  });
});

describe('the side', () => {
  it('lists the statements of both halves and leads to them', async () => {
    show();
    await userEvent.click(await screen.findByRole('tab', { name: 'Outline' }));
    const up = screen.getByRole('region', { name: 'Up' });
    await userEvent.click(within(up).getByRole('button', { name: /DROP TABLE/ }));
    expect(went).toContainEqual(['Up', 2]);
    told.get('Up')?.onCursor?.(2);
    await waitFor(() => expect(within(up).getByRole('button', { current: true })).toHaveTextContent('b'));
  });

  it('finds a text in all files, and opens a place of this one', async () => {
    show();
    await userEvent.click(await screen.findByRole('tab', { name: 'Find' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Find in all migrations' }), 'word');
    expect(await screen.findByText('3 places in 2 files; the first 2 are shown')).toBeVisible();
    const here = screen.getByRole('region', { name: '1_a.sql' });
    await userEvent.click(within(here).getByRole('button'));
    expect(went).toContainEqual(['Up', 2]);
  });

  it('says what is wrong with a regular expression', async () => {
    show({
      'migration:search': () => {
        throw fail({
          code: 'invalid_request',
          title: 'Not valid',
          message: 'This regular expression cannot be read.',
        });
      },
    });
    await userEvent.click(await screen.findByRole('tab', { name: 'Find' }));
    await userEvent.type(screen.getByRole('textbox', { name: 'Find in all migrations' }), '(');
    expect(await screen.findByText(/cannot be read/)).toBeVisible();
  });
});
