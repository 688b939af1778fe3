import { useQueryClient } from '@tanstack/react-query';
import { act, screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { useEffect } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { emit } from '../../api/events';
import { refreshOnEvents } from '../../api/queries';
import type { Catalog, Migration, MigrationContent, Plan } from '../../api/types.generated';
import RunPanel from '../../components/run';
import { runAsked } from '../../components/run/ask';
import type { CodeEditorProps } from '../../editor/CodeEditor';
import type { DiffEditorProps } from '../../editor/DiffEditor';
import { allCommands } from '../../lib/commands';
import { aPreview } from '../../test/previews';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection } from '../../test/samples';
import EditorPage from './index';

// Monaco measures letters, which jsdom cannot: a field stands in for it here; the browser tests drive the real one.
vi.mock('../../editor/CodeEditor', async () => {
  const { useImperativeHandle, useRef, useEffect: effect } = await import('react');
  return {
    default: function Field({ value, onChange, label, readOnly, onFocus, onReady, ref }: CodeEditorProps) {
      const field = useRef<HTMLTextAreaElement>(null);
      effect(() => onReady?.(), []);
      useImperativeHandle(ref, () => ({
        focus: () => field.current?.focus(),
        flush: () => undefined,
        goTo: (line) => {
          const text =
            field.current?.value
              .split('\n')
              .slice(0, line - 1)
              .join('\n') ?? '';
          field.current?.focus();
          field.current?.setSelectionRange(text.length + 1, text.length + 1);
        },
        insert: (text) => onChange(value + text),
        selected: () => '',
      }));
      return (
        <textarea
          ref={field}
          aria-label={label}
          value={value}
          readOnly={readOnly}
          onFocus={onFocus}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    },
  };
});
vi.mock('../../editor/DiffEditor', () => ({
  default: ({ original, modified, modifiedLabel, originalLabel, onChange }: DiffEditorProps) => (
    <>
      <pre data-testid={originalLabel}>{original}</pre>
      <textarea
        aria-label={modifiedLabel}
        defaultValue={modified}
        readOnly={!onChange}
        onChange={(event) => onChange?.(event.currentTarget.value)}
      />
    </>
  ),
}));

const UP = 'CREATE TABLE users (\n  id int\n);';
const DOWN = 'DROP TABLE users;';
const fileOf = (up: string, down = DOWN) => `-- migrate:up\n${up}\n\n-- migrate:down\n${down}\n`;

const aMigration = (change: Partial<Migration> = {}): Migration => ({
  version: '20260101',
  name: 'create_users',
  filename: '20260101_create_users.sql',
  path: '/m/20260101_create_users.sql',
  status: 'pending',
  flags: [],
  applied_at: null,
  duration_ms: null,
  author: null,
  author_source: null,
  has_down: true,
  tables: ['users'],
  sha256: 'sha-1',
  error: null,
  transaction: true,
  size_bytes: 60,
  modified_at: null,
  problems: [],
  ...change,
});

const aFile = (change: Partial<MigrationContent> = {}): MigrationContent => ({
  migration: aMigration(),
  content: fileOf(UP),
  up: UP,
  down: DOWN,
  sha256: 'sha-1',
  encoding: 'utf-8',
  newline: '\n',
  ran: null,
  ...change,
});

const catalog: Catalog = {
  default_schema: 'public',
  functions: [],
  types: [],
  tables: [
    {
      schema_name: 'public',
      name: 'Order Items',
      kind: 'table',
      indexes: [],
      rows: null,
      columns: [
        { name: 'id', type: 'int', nullable: false, default: null, primary_key: true, comment: null },
      ],
    },
  ],
};

const plan: Plan = {
  direction: 'up',
  migrations: [aMigration()],
  problems: [],
  warnings: [],
  losses: [],
  needs_confirmation: false,
  confirm: null,
};

/** A backend with one file on its disk. */
function disk(file: MigrationContent) {
  const state = { file, saves: 0 };
  const answers: Answers = {
    'migration:read': () => state.file,
    'migration:update': ({ expected_sha256, content, up, down }) => {
      if (expected_sha256 && expected_sha256 !== state.file.sha256)
        fail({
          code: 'edited_on_disk',
          details: { content: state.file.content, actual_sha256: state.file.sha256 },
        });
      state.saves += 1;
      write(content ?? fileOf(up ?? state.file.up, down ?? state.file.down), `saved-${state.saves}`);
      return state.file.migration;
    },
  };
  const write = (content: string, sha256: string) => {
    const [, newUp = '', newDown = ''] =
      /^-- migrate:up.*\n([\s\S]*?)\n*-- migrate:down.*\n?([\s\S]*?)\n*$/.exec(content) ?? [];
    state.file = { ...state.file, content, up: newUp, down: newDown, sha256 };
  };
  return {
    answers,
    write,
    get content() {
      return state.file.content;
    },
  };
}

function Events() {
  const client = useQueryClient();
  useEffect(() => refreshOnEvents(client), [client]);
  return null;
}

function show(
  answers: Answers = {},
  { at = '/c/shop/edit/20260101_create_users.sql', connection = {} } = {},
) {
  const page = (
    <>
      <Events />
      <EditorPage />
      <RunPanel />
    </>
  );
  return renderPage(page, {
    path: '/c/:connection/edit/:version',
    at,
    answers: {
      'connection:list': { connections: [aConnection(connection)], problems: [] },
      'migration:read': aFile(),
      'draft:list': { drafts: [] },
      'draft:save': (payload) => ({ ...payload, base_sha256: null, saved_at: '2026-01-01T00:00:00Z' }),
      'draft:delete': { done: true },
      'schema:catalog': catalog,
      'migration:plan': plan,
      'settings:update': (payload) => payload as never,
      ...answers,
    },
  });
}

const press = (keys: string) =>
  act(() =>
    allCommands()
      .findLast((one) => one.keys === keys)
      ?.run(),
  );
const up = () => screen.findByRole('textbox', { name: 'Up' });

beforeEach(() => runAsked.set(null));

describe('writing', () => {
  it('shows up and down, and saves only what changed', async () => {
    const file = disk(aFile());
    const { user, called, container } = show(file.answers);
    expect(await up()).toHaveValue(UP);
    expect(screen.getByRole('textbox', { name: 'Down' })).toHaveValue(DOWN);
    expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
    await user.type(await up(), '\nSELECT 1;');
    expect(screen.getByText('Unsaved')).toBeVisible();
    press('mod+s');
    await screen.findByText('Saved');
    expect(called('migration:update')[0]).toEqual({
      connection: 'shop',
      version: '20260101_create_users.sql',
      expected_sha256: 'sha-1',
      up: `${UP}\nSELECT 1;`,
    });
    const found = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(found.violations.map((one) => `${one.id} ${one.nodes[0]?.html}`)).toEqual([]);
  });

  it('previews the text as it stands with Ctrl+Enter, and saves nothing', async () => {
    const file = disk(aFile());
    const { user, called } = show({ ...file.answers, 'preview:show': aPreview() });
    await user.type(await up(), '\nSELECT 1;');
    press('mod+enter');
    expect(await screen.findByRole('button', { name: 'Save & apply 2 to shop' })).toBeVisible();
    const { content } = called('preview:show')[0] as { content: string };
    expect(content).toContain('SELECT 1;');
    expect(called('migration:update')).toEqual([]);
  });

  it('saves and then shows the plan with Ctrl+Shift+Enter', async () => {
    const file = disk(aFile());
    const { user, called } = show(file.answers);
    await user.type(await up(), ' ');
    press('mod+shift+enter');
    expect(await screen.findByRole('button', { name: 'Apply 1 to shop' })).toBeVisible();
    expect(called('migration:update')).toHaveLength(1);
    expect(called('migration:plan')[0]).toMatchObject({ versions: ['20260101_create_users.sql'] });
  });

  it('carries unsaved text over into the file view', async () => {
    const { user } = show();
    await user.type(await up(), '\nSELECT 1;');
    await user.click(screen.getByRole('radio', { name: 'File' }));
    expect(await screen.findByRole('textbox', { name: 'The whole file' })).toHaveValue(
      fileOf(`${UP}\nSELECT 1;`),
    );
  });

  it('switches the transaction off', async () => {
    const file = disk(aFile());
    const { user, called } = show(file.answers);
    await user.click(await screen.findByRole('switch', { name: 'Transaction' }));
    press('mod+s');
    await waitFor(() => expect(called('migration:update')[0]).toMatchObject({ transaction: false }));
  });

  it('inserts a name of the schema, quoted as it must be', async () => {
    const { user } = show({}, {});
    await up();
    press('mod+b');
    if (!screen.queryByRole('button', { name: 'Order Items' })) press('mod+b');
    await user.click(await screen.findByRole('button', { name: 'Order Items' }));
    expect(await up()).toHaveValue(`${UP}"Order Items"`);
  });

  it('shows an error of saving and keeps the text', async () => {
    const { user } = show({
      'migration:update': () =>
        fail({ code: 'storage_failed', title: 'The disk is full', message: 'No space left.' }),
    });
    await user.type(await up(), ' ');
    press('mod+s');
    expect(await screen.findByText('No space left.')).toBeVisible();
    expect(screen.getByText('Unsaved')).toBeVisible();
  });
});

describe('nothing is lost', () => {
  it('keeps a draft half a second after typing', async () => {
    const { user, called } = show();
    await user.type(await up(), 'x');
    expect(called('draft:save')).toEqual([]);
    await waitFor(() => expect(called('draft:save')).toHaveLength(1));
    expect(called('draft:save')[0]).toMatchObject({ key: '20260101_create_users.sql', base_sha256: 'sha-1' });
    expect(JSON.parse(String(called('draft:save')[0]?.content)).up).toBe(`${UP}x`);
  });

  const draft = (base_sha256: string) => ({
    drafts: [
      {
        key: '20260101_create_users.sql',
        content: JSON.stringify({ view: 'split', up: 'mine', down: DOWN, transaction: true }),
        base_sha256,
        saved_at: new Date().toISOString(),
      },
    ],
  });

  it('brings a draft back after a reload, and can discard it', async () => {
    const { user, called } = show({ 'draft:list': draft('sha-1') });
    expect(await up()).toHaveValue('mine');
    expect(screen.getByText(/Your unsaved changes from .* are back/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Discard them' }));
    await waitFor(async () => expect(await up()).toHaveValue(UP));
    expect(called('draft:delete')).toHaveLength(1);
  });

  it('asks where the file changed since the draft', async () => {
    show({ 'draft:list': draft('an older one') });
    expect(await screen.findByText('20260101_create_users.sql changed on disk')).toBeVisible();
    expect(await screen.findByTestId('On disk now')).toHaveTextContent('CREATE TABLE users');
  });

  it('takes a file that changed on disk while nothing was typed', async () => {
    const file = disk(aFile());
    show(file.answers);
    await up();
    file.write(fileOf('theirs'), 'sha-2');
    act(() => emit('migrations:changed', { connection: 'shop' }));
    await waitFor(async () => expect(await up()).toHaveValue('theirs'));
    expect(screen.getByText('The file changed on disk; this is its new text.')).toBeVisible();
  });

  it.each([
    ['Keep mine', fileOf(`${UP}x`)],
    ['Take the disk’s', fileOf('theirs')],
  ])('lets choose where both changed: %s', async (choice, expected) => {
    const file = disk(aFile());
    const { user } = show(file.answers);
    await user.type(await up(), 'x');
    file.write(fileOf('theirs'), 'sha-2');
    // The editor learns of it only by saving.
    press('mod+s');
    await screen.findByText('20260101_create_users.sql changed on disk');
    expect(file.content).toBe(fileOf('theirs'));
    await user.click(screen.getByRole('button', { name: choice }));
    await waitFor(() => expect(screen.queryByText('20260101_create_users.sql changed on disk')).toBeNull());
    expect(file.content).toBe(expected);
    expect(await screen.findByText('Saved')).toBeVisible();
  });

  it('saves what was merged', async () => {
    const file = disk(aFile());
    const { user } = show(file.answers);
    await user.type(await up(), 'x');
    file.write(fileOf('theirs'), 'sha-2');
    act(() => emit('migrations:changed', { connection: 'shop' }));
    const merge = await screen.findByRole('textbox', { name: 'Yours, to edit' });
    await user.clear(merge);
    await user.type(merge, '-- migrate:up\nboth\n\n-- migrate:down\nundo\n');
    await user.click(screen.getByRole('button', { name: 'Save the merged text' }));
    await waitFor(() => expect(file.content).toBe(fileOf('both', 'undo')));
    expect(await up()).toHaveValue('both');
  });

  it('does not save before a choice that was put off', async () => {
    const file = disk(aFile());
    const { user, called } = show(file.answers);
    await user.type(await up(), 'x');
    file.write(fileOf('theirs'), 'sha-2');
    act(() => emit('migrations:changed', { connection: 'shop' }));
    await user.click(await screen.findByRole('button', { name: 'Decide later' }));
    press('mod+s');
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, 100)));
    expect(screen.getByRole('button', { name: 'Compare and choose' })).toBeVisible();
    expect(called('migration:update')).toEqual([]);
  });

  it('asks before leaving', async () => {
    const { user, router, called } = show();
    await user.type(await up(), 'x');
    await user.click(screen.getByRole('button', { name: 'Back to the migrations' }));
    await user.click(await screen.findByRole('button', { name: 'Stay' }));
    expect(router.state.location.pathname).toContain('/edit/');
    await user.click(screen.getByRole('button', { name: 'Back to the migrations' }));
    await user.click(await screen.findByRole('button', { name: 'Keep as a draft' }));
    await waitFor(() => expect(router.state.location.pathname).toBe('/c/shop/migrations'));
    expect(called('draft:save')).toHaveLength(1);
    expect(called('draft:delete')).toEqual([]);
  });
});

describe('what a file is', () => {
  const applied = aMigration({ status: 'applied', applied_at: '2026-01-17T12:00:00Z' });

  it('opens an applied one read-only', async () => {
    const { user } = show({ 'migration:read': aFile({ migration: applied }) });
    expect(await up()).toHaveAttribute('readonly');
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Edit anyway' }));
    expect(await up()).not.toHaveAttribute('readonly');
  });

  it('compares an edited one with what ran', async () => {
    const edited = aFile({ migration: { ...applied, flags: ['edited'] }, ran: fileOf('what ran') });
    const { user } = show({ 'migration:read': edited });
    await user.click(await screen.findByRole('button', { name: 'Compare with what ran' }));
    expect(await screen.findByTestId('As it ran')).toHaveTextContent('what ran');
  });

  it('shows what ran where the file is missing, and puts it back', async () => {
    const missing = aFile({ migration: { ...applied, flags: ['missing_file'] }, ran: fileOf(UP) });
    const { user, called } = show({ 'migration:read': missing, 'migration:restore': applied });
    expect(await up()).toHaveAttribute('readonly');
    await user.click(screen.getByRole('button', { name: 'Restore the file' }));
    await waitFor(() => expect(called('migration:restore')).toHaveLength(1));
  });

  it('shows a file with two ups as a whole, with its problems', async () => {
    const problem = {
      code: 'several_up_blocks',
      message: 'A second up.',
      line: 4,
      column: 1,
      severity: 'error',
    };
    const { user } = show({
      'migration:read': aFile({ migration: aMigration({ flags: ['invalid'], problems: [problem] }) }),
    });
    const whole = await screen.findByRole('textbox', { name: 'The whole file' });
    await user.click(screen.getByRole('button', { name: /Line 4\s*A second up/ }));
    expect(whole).toHaveFocus();
    expect(screen.queryByRole('radio', { name: 'Up / Down' })).toBeNull();
  });

  it('opens at the line of the address, in its half', async () => {
    show({}, { at: '/c/shop/edit/20260101_create_users.sql?line=7' });
    expect(await screen.findByRole('textbox', { name: 'Down' })).toHaveFocus();
  });

  it('says when it is not there', async () => {
    show({
      'migration:read': () =>
        fail({ code: 'migration_not_found', title: 'No such migration', message: 'Gone.' }),
    });
    expect(await screen.findByText('Gone.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Back to the migrations' })).toBeVisible();
  });
});
