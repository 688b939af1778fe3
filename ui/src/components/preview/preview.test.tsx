import { act, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { emit } from '../../api/events';
import { followJobs, jobs, type LiveJob, refreshJobs, showJob } from '../../api/jobs';
import type { Plan } from '../../api/types.generated';
import {
  aFile,
  aFinding,
  aPreview,
  aRehearsal,
  aRehearsedFile,
  aRehearsedStatement,
  aScratchPlan,
  aStatement,
} from '../../test/previews';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, aJob, aMigration, anEngine } from '../../test/samples';
import { askRun, type RunQuestion, runAsked } from '../run/ask';
import RunPanel from '../run/index';
import { markdownOf } from './rehearsal/markdown';
import { blocksText, countsOf, estimateText, rowsText } from './words';

const aPlan = (change: Partial<Plan> = {}): Plan => ({
  direction: 'up',
  migrations: ['1_users.sql', '2_orders.sql'].map((filename) =>
    aMigration({ filename, version: filename[0] }),
  ),
  problems: [],
  warnings: [],
  losses: [],
  needs_confirmation: false,
  confirm: null,
  ...change,
});

function show(answers: Answers = {}, change = {}) {
  return renderPage(<RunPanel />, {
    path: '/c/:connection/migrations',
    at: '/c/shop/migrations',
    answers: {
      'connection:list': { connections: [aConnection(change)], problems: [] },
      'connection:engines': { engines: [anEngine()] },
      'migration:plan': aPlan(),
      'preview:show': aPreview(),
      'preview:scratch': aScratchPlan(),
      ...answers,
    },
  });
}

const ask = (question: Partial<RunQuestion> = {}) =>
  act(() => askRun({ channel: 'migration:up', connection: 'shop', ...question }));

const axeFinds = async () => {
  const found = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return found.violations.map((one) => `${one.id} ${one.nodes[0]?.html}`);
};

beforeEach(() => {
  jobs.set(new Map<string, LiveJob>());
  showJob(null);
  runAsked.set(null);
  sessionStorage.clear();
});

const DROP = aStatement({
  index: 1,
  text: 'DROP TABLE logs;',
  line: 4,
  kind: 'DROP TABLE',
  summary: 'Drops the table logs with all its rows',
  objects: [{ change: 'remove', kind: 'table', name: 'logs', parent: null, detail: '', exists: true }],
  findings: [aFinding({ safe_form: 'ALTER TABLE logs RENAME TO logs_old;', advice: 'Rename it first.' })],
  risk: 'critical',
  locks: [
    {
      object: 'logs',
      mode: 'ACCESS EXCLUSIVE',
      blocks: ['reads', 'writes'],
      held: 'until the transaction ends',
      because: 'PostgreSQL documentation, 13.3.1',
      certain: true,
    },
  ],
  rows: {
    count: 1204,
    at_least: false,
    total: 10_000,
    total_is_estimate: true,
    query: 'SELECT count(*) FROM logs',
    reason: '',
  },
});

const ODD = aStatement({
  index: 2,
  text: 'DO $$ … $$;',
  line: 6,
  kind: 'DO',
  summary: 'Runs a block of code',
  objects: [],
  understood: false,
  estimate: { low_ms: null, high_ms: null, source: 'unknown', basis: '' },
});

const risky = aPreview({
  files: [
    aFile('1_users.sql', {
      statements: [aStatement(), DROP, ODD],
      down: {
        verdict: 'partly',
        restores: ['table users'],
        lost: ['10,000 rows of logs'],
        not_undone: ['table logs'],
        unknown: [],
      },
    }),
  ],
  counts: [
    { kind: 'table', added: 1, removed: 1, changed: 0 },
    { kind: 'index', added: 2, removed: 0, changed: 0 },
  ],
  risk: 'critical',
  not_understood: 1,
});

describe('the preview', () => {
  const one = {
    'preview:show': risky,
    'migration:plan': aPlan({ migrations: [aMigration({ filename: '1_users.sql' })] }),
  };

  it('says what changes, how bad it is, and how much nobody understood', async () => {
    show(one);
    ask();
    const changes = await screen.findByRole('list', { name: 'What changes' });
    expect(within(changes).getByText('1 table removed')).toBeInTheDocument();
    expect(within(changes).getByText('2 indexes added')).toBeInTheDocument();
    expect(screen.getByText('1 statement not understood')).toBeVisible();
    expect(screen.getByText('1 finding', { exact: false })).toBeVisible();
    const down = screen.getByRole('region', { name: /^If .* is rolled back$/ });
    expect(down).toHaveTextContent('Down leaves something of up behind.');
    expect(down).toHaveTextContent('10,000 rows of logs');
    expect(await axeFinds()).toEqual([]);
  });

  it('opens a statement into its text, its locks, its rows and the safe form', async () => {
    const { user, router } = show(one);
    ask();
    const row = await screen.findByRole('button', { name: /Drops the table logs/ });
    expect(row).toHaveTextContent('blocks reads and writes');
    expect(row).toHaveTextContent('matches 1,204 of about 10,000 rows now');
    await user.click(row);
    expect(row).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getByText('SELECT count(*) FROM logs')).toBeVisible();
    expect(screen.getByText(/until the transaction ends/)).toBeVisible();
    const finding = screen.getByRole('region', { name: 'Table dropped' });
    expect(finding).toHaveTextContent('ALTER TABLE logs RENAME TO logs_old;');
    expect(within(finding).getByRole('button', { name: 'Copy' })).toBeVisible();
    expect(await axeFinds()).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Open at line 4' }));
    expect(router.state.location.pathname + router.state.location.search).toBe(
      '/c/shop/edit/1_users.sql?line=4',
    );
    expect(runAsked.get()).toBeNull();
  });

  it('is walked through by the arrows, and shows only what is risky or not understood', async () => {
    const { user } = show(one);
    ask({ looking: true, versions: ['1_users.sql'] });
    const file = await screen.findByRole('button', { name: /1_users.sql/ });
    await waitFor(() => expect(file).toHaveFocus());
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await waitFor(() => expect(screen.getByRole('button', { name: /Drops the table logs/ })).toHaveFocus());
    await user.keyboard('{ArrowRight}');
    expect(screen.getByText('SELECT count(*) FROM logs')).toBeVisible();
    await user.keyboard('{ArrowLeft}');
    expect(screen.queryByText('SELECT count(*) FROM logs')).toBeNull();
    await user.click(screen.getByRole('radio', { name: /Not understood/ }));
    expect(screen.getByRole('button', { name: /Runs a block of code/ })).toBeVisible();
    expect(screen.queryByRole('button', { name: /Drops the table logs/ })).toBeNull();
  });

  it('keeps 28,000 statements out of the page', async () => {
    const statements = Array.from({ length: 28_000 }, (_, index) => aStatement({ index, line: index + 1 }));
    show({ ...one, 'preview:show': aPreview({ files: [aFile('1_users.sql', { statements })] }) });
    ask();
    await screen.findByText('28,000 statements');
    expect(screen.getAllByRole('button', { name: /Creates the table users/ }).length).toBeLessThan(300);
  });

  it('shows the files of the plan when the preview fails, and still runs', async () => {
    show({ 'preview:show': () => fail({ code: 'internal_error', message: 'It broke.' }) });
    ask();
    expect(await screen.findByText('It broke.')).toBeVisible();
    expect(screen.getByRole('heading', { name: '2_orders.sql' })).toBeVisible();
    await waitFor(() => expect(screen.getByRole('button', { name: 'Apply 2 to shop' })).toBeEnabled());
  });

  it('says that the database could not be read', async () => {
    show({
      'preview:show': aPreview({ database_read: false, database_problem: 'The server does not answer.' }),
    });
    ask();
    expect(await screen.findByText(/sizes, rows and what exists are not known/)).toHaveTextContent(
      'The server does not answer.',
    );
  });

  it('shows a text that is not saved, saves it, and only then runs', async () => {
    const save = vi.fn(async () => true);
    const { user, called } = show({
      'preview:show': risky,
      'migration:up': () => fail({ code: 'cancelled', message: 'enough' }),
    });
    ask({ versions: ['1_users.sql'], content: '-- migrate:up\nDROP TABLE logs;', save });
    const button = await screen.findByRole('button', { name: 'Save & apply 1 to shop' });
    await waitFor(() => expect(button).toHaveFocus());
    expect(called('preview:show')[0]).toMatchObject({ content: '-- migrate:up\nDROP TABLE logs;' });
    expect(called('migration:plan')).toEqual([]);
    expect(save).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(called('migration:up')).toHaveLength(1));
    expect(save).toHaveBeenCalledOnce();
  });

  it('looks at both directions, and runs only the one that can', async () => {
    const { user, called } = show();
    ask({ looking: true, versions: ['1_users.sql'] });
    expect(await screen.findByRole('button', { name: 'Apply 2 to shop' })).not.toHaveFocus();
    await user.click(screen.getByRole('radio', { name: 'Down' }));
    await waitFor(() => expect(called('preview:show').at(-1)).toMatchObject({ direction: 'down' }));
    expect(screen.queryByRole('button', { name: /Apply/ })).toBeNull();
  });
});

describe('the rehearsal', () => {
  const choose = async (answers: Answers = {}) => {
    const view = show(answers);
    ask();
    await view.user.click(await screen.findByRole('button', { name: 'Rehearse…' }));
    await screen.findByRole('radio', { name: 'The bundled PostgreSQL 18' });
    return view;
  };

  it('says where it can happen, and why not elsewhere', async () => {
    await choose();
    expect(screen.getByRole('radio', { name: 'The bundled PostgreSQL 18' })).toBeChecked();
    expect(screen.getByRole('radio', { name: /A scratch database on the server/ })).toBeDisabled();
    expect(screen.getByText('The role may not create databases.')).toBeVisible();
    expect(screen.getByText(/12 tables with about 1,204 rows, 3.2 GB/)).toBeVisible();
    expect(await axeFinds()).toEqual([]);
  });

  it('asks before it copies much, and then takes along what was agreed to', async () => {
    const { user, called } = await choose({
      'preview:rehearse': (request) =>
        request.accept_bytes
          ? aRehearsal()
          : fail({ code: 'confirmation_required', details: { bytes: 3_200_000_000 } }),
    });
    await user.click(screen.getByRole('radio', { name: 'All' }));
    await user.click(screen.getByRole('button', { name: 'Rehearse now' }));
    expect(await screen.findByText('Copy 3.2 GB?')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Copy 3.2 GB and rehearse' }));
    await screen.findByRole('region', { name: 'Verdict' });
    expect(called('preview:rehearse')[1]).toMatchObject({ rows: 'all', accept_bytes: 3_200_000_000 });
  });

  it('shows the verdict, what was measured and by which query, and the rows lost', async () => {
    const { user } = await choose({ 'preview:rehearse': aRehearsal() });
    await user.click(screen.getByRole('button', { name: 'Rehearse now' }));
    const verdict = await screen.findByRole('region', { name: 'Verdict' });
    expect(verdict).toHaveTextContent('Lossy');
    expect(verdict).toHaveTextContent('5 rows of users are gone after down.');
    expect(verdict).toHaveTextContent('The extension postgis is not there.');
    const row = screen.getByRole('button', { name: /ALTER TABLE orders/ });
    expect(row).toHaveTextContent('Rewrites orders');
    expect(row).toHaveTextContent('ACCESS EXCLUSIVE, blocks reads and writes');
    await user.click(row);
    await user.click(screen.getAllByText('Measured by')[1] as HTMLElement);
    expect(screen.getByText(/SELECT relfilenode FROM pg_class/)).toBeVisible();
    // Rows were not told: no number is made up.
    expect(screen.getByText('unknown')).toBeVisible();
    expect(await axeFinds()).toEqual([]);
    await user.click(screen.getByRole('tab', { name: /Rows lost/ }));
    expect(screen.getByRole('table', { name: 'Rows lost' })).toHaveTextContent('The rows are gone.');
    await user.click(screen.getByRole('tab', { name: /Schema/ }));
    await user.click(screen.getByRole('button', { name: /table users/ }));
    expect(screen.getByRole('region', { name: 'After up: users' })).toBeVisible();
    expect(screen.getByRole('button', { name: 'Apply 2 to shop' })).toBeEnabled();
  });

  it('warns of a whole collection being read', async () => {
    const scan = aRehearsedStatement({
      text: 'db.orders.updateMany({state: 1}, …)',
      plan: { stage: 'COLLSCAN', index: null, examined: 5000, returned: 3 },
      locks: null,
      rewrites: null,
      unknown: ['MongoDB does not tell which locks a command held.'],
    });
    const passes = [{ ...aRehearsedFile().passes[0], statements: [scan] }] as never;
    const { user } = await choose({
      'preview:rehearse': aRehearsal({ engine: 'mongodb', files: [aRehearsedFile({ passes })] }),
    });
    await user.click(screen.getByRole('button', { name: 'Rehearse now' }));
    const row = await screen.findByRole('button', { name: /updateMany/ });
    expect(row).toHaveTextContent('Reads the whole collection');
    await user.click(row);
    expect(screen.getByRole('list', { name: 'Not measured' })).toHaveTextContent(
      'MongoDB does not tell which locks a command held.',
    );
  });

  it('is found again after a reload, says what it does, and can be cancelled', async () => {
    const stop = followJobs();
    const running = aJob({
      job_id: 'r1',
      channel: 'preview:rehearse',
      message: 'Copying rows of orders',
      total: 3,
      done: 1,
    });
    sessionStorage.setItem(
      'db-toolkit rehearsal r1',
      JSON.stringify({
        subject: { connection: 'shop', direction: 'up', versions: ['1_users.sql'] },
        question: { channel: 'migration:up', connection: 'shop', versions: ['1_users.sql'], rehearse: true },
      }),
    );
    const { user, called } = show({ 'job:list': { jobs: [running] }, 'job:cancel': running });
    await act(() => refreshJobs());
    expect(await screen.findByText('Copying rows of orders')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Cancel the rehearsal' }));
    expect(called('job:cancel')).toEqual([{ job_id: 'r1' }]);
    act(() =>
      emit('job:finished', {
        job_id: 'r1',
        job: { ...running, state: 'done', result: aRehearsal({ verdict: 'stopped' }) as never },
      }),
    );
    expect(await screen.findByRole('region', { name: 'Verdict' })).toHaveTextContent('Stopped');
    stop();
  });

  it('says why it could not be done', async () => {
    const { user } = await choose({
      'preview:rehearse': () =>
        fail({ code: 'read_only', title: 'No place', message: 'There is no scratch.' }),
    });
    await user.click(screen.getByRole('button', { name: 'Rehearse now' }));
    expect(await screen.findByText('There is no scratch.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Rehearse now' })).toBeEnabled();
  });

  it('is copied as Markdown that claims no more than was measured', () => {
    const text = markdownOf(aRehearsal(), 'shop');
    expect(text).toContain('# Rehearsal for shop: Lossy');
    expect(text).toContain('| `ALTER TABLE orders ALTER COLUMN total TYPE bigint;` | 120 ms | unknown |');
    expect(text).toContain('ACCESS EXCLUSIVE on orders (blocks reads and writes)');
  });
});

describe('words', () => {
  it.each([
    [{ low_ms: null, high_ms: null }, null],
    [{ low_ms: 200, high_ms: 1400 }, '200 ms – 1.4 s'],
    [{ low_ms: 5000, high_ms: null }, '5.0 s or more'],
  ])('an estimate is a range or nothing (%#)', (range, words) => {
    expect(estimateText({ source: 'size', basis: '', ...range })).toBe(words);
  });

  it('counts nothing that is not there', () => {
    expect(countsOf([{ kind: 'policy', added: 0, removed: 2, changed: 0 }]).map((one) => one.spoken)).toEqual(
      ['2 policies removed'],
    );
  });

  it('says of rows only what was counted', () => {
    const rows = { at_least: false, total: null, total_is_estimate: false, query: '', reason: '' };
    expect(rowsText({ ...rows, count: null })).toBe('rows not counted');
    expect(rowsText({ ...rows, count: 10_000, at_least: true })).toBe('matches 10,000 or more rows now');
    expect(blocksText({ blocks: ['reads', 'writes', 'schema changes'] })).toBe(
      'blocks reads, writes and schema changes',
    );
  });
});
