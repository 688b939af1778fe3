import { act, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { emit } from '../../api/events';
import { followJobs, jobs, type LiveJob, refreshJobs, showJob } from '../../api/jobs';
import type { Job, Migration, Plan, Run } from '../../api/types.generated';
import { aPreview } from '../../test/previews';
import { type Answers, fail, renderPage } from '../../test/render';
import { aConnection, anEngine } from '../../test/samples';
import { askRun, runAsked } from './ask';
import RunPanel from './index';
import { meaningOf } from './words';

const aMigration = (filename: string, change: Partial<Migration> = {}): Migration => ({
  version: filename.split('_')[0] ?? '',
  name: filename,
  filename,
  path: `/m/${filename}`,
  status: 'pending',
  flags: [],
  applied_at: null,
  duration_ms: null,
  author: null,
  author_source: null,
  has_down: true,
  tables: [],
  sha256: 'a',
  error: null,
  transaction: true,
  size_bytes: 10,
  modified_at: null,
  problems: [],
  ...change,
});

const aPlan = (change: Partial<Plan> = {}): Plan => ({
  direction: 'up',
  migrations: [aMigration('1_users.sql'), aMigration('2_orders.sql')],
  problems: [],
  warnings: [],
  losses: [],
  needs_confirmation: false,
  confirm: null,
  ...change,
});

const aRun = (change: Partial<Run> = {}): Run => ({
  run_id: 'r1',
  connection: 'shop',
  direction: 'up',
  ok: true,
  migrations: [],
  backup_id: null,
  rollback_check: null,
  schema_dumped: true,
  schema_problem: null,
  cancelled: false,
  warnings: [],
  started_at: null,
  finished_at: null,
  duration_ms: 1200,
  output: '',
  ...change,
});

const ran = (filename: string, status: 'applied' | 'failed' | 'not_run', landed: string[] = []) => ({
  version: filename,
  filename,
  status,
  duration_ms: status === 'applied' ? 12 : null,
  error:
    status === 'failed'
      ? {
          code: 'syntax_error',
          title: 'Syntax',
          message: 'near "TABEL"',
          details: { file: filename, line: 4 },
        }
      : null,
  partial: landed.length > 0,
  landed,
});

const aJob = (change: Partial<Job> = {}): Job => ({
  job_id: 'j1',
  channel: 'migration:up',
  connection: 'shop',
  state: 'running',
  done: 0,
  total: 2,
  message: 'Applying 1_users.sql',
  started_at: new Date().toISOString(),
  finished_at: null,
  duration_ms: null,
  cancellable: true,
  result: null,
  error: null,
  log: [],
  files: [],
  sessions: [],
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
      'migration:up': aRun({ migrations: [ran('1_users.sql', 'applied'), ran('2_orders.sql', 'applied')] }),
      ...answers,
    },
  });
}

beforeEach(() => {
  jobs.set(new Map<string, LiveJob>());
  showJob(null);
  runAsked.set(null);
});

describe('the plan before a run', () => {
  const ask = () => act(() => askRun({ channel: 'migration:up', connection: 'shop', to: '2_orders.sql' }));

  it('shows the order, and Enter runs it', async () => {
    const { user, called } = show();
    ask();
    const button = await screen.findByRole('button', { name: 'Apply 2 to shop' });
    expect(screen.getByText('2 migrations, oldest first')).toBeVisible();
    await waitFor(() => expect(button).toHaveFocus());
    await user.keyboard('{Enter}');
    await screen.findByText('Applied 2 in 1.2 s', { exact: false });
    expect(called('migration:up')[0]).toMatchObject({ connection: 'shop', to: '2_orders.sql' });
    expect(called('migration:plan')[0]).toMatchObject({ direction: 'up', to: '2_orders.sql' });
  });

  it('does not run what the plan refuses', async () => {
    const problem = {
      code: 'migration_invalid',
      title: 'A migration file is not valid',
      message: 'two ups',
      details: { files: ['1_users.sql'] },
    };
    show({ 'migration:plan': aPlan({ problems: [problem] }) });
    ask();
    expect(await screen.findByText('two ups')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Apply 2 to shop' })).toBeDisabled();
    expect(screen.getByRole('button', { name: 'Open 1_users.sql' })).toBeEnabled();
  });

  it('asks for the name where something would be lost, and sends it along', async () => {
    const { user, called } = show({
      'migration:plan': aPlan({
        losses: ['Table users has 5 rows.'],
        needs_confirmation: true,
        confirm: 'shop',
      }),
    });
    ask();
    expect(await screen.findByText('Table users has 5 rows.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Apply 2 to shop' })).toBeDisabled();
    await user.type(screen.getByRole('textbox', { name: /Type shop/ }), 'shop{Enter}');
    await waitFor(() => expect(called('migration:up')[0]).toMatchObject({ confirm: 'shop' }));
  });

  it('lets older files run out of order when that is wished', async () => {
    const problem = { code: 'out_of_order', title: 'Older', message: 'older', details: {} };
    const { user, called } = show({
      'migration:plan': (payload) =>
        payload.allow_out_of_order ? aPlan({ warnings: ['It is older.'] }) : aPlan({ problems: [problem] }),
    });
    ask();
    await user.click(await screen.findByRole('checkbox', { name: 'Run them out of order anyway' }));
    expect(await screen.findByText('It is older.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Apply 2 to shop' }));
    await waitFor(() => expect(called('migration:up')[0]).toMatchObject({ allow_out_of_order: true }));
  });

  it('leads from a demanded rehearsal to the rehearsal', async () => {
    const problem = {
      code: 'rehearsal_required',
      title: 'These files must be rehearsed first',
      message: 'shop takes only files that passed a rehearsal: 2_orders.sql (it was never rehearsed).',
      details: { files: ['2_orders.sql'], why: {}, versions: ['1', '2'] },
    };
    const { user } = show({ 'migration:plan': aPlan({ problems: [problem] }) });
    ask();
    await user.click(await screen.findByRole('button', { name: 'Rehearse now' }));
    expect(screen.getByRole('tab', { name: /Rehearsal/ })).toHaveAttribute('aria-selected', 'true');
  });

  it('marks without running', async () => {
    const { user, called } = show({
      'migration:baseline': aRun({ migrations: [ran('1_users.sql', 'applied')] }),
    });
    act(() => askRun({ channel: 'migration:baseline', connection: 'shop', versions: ['1_users.sql'] }));
    await user.click(await screen.findByRole('button', { name: 'Mark 1 as applied on shop' }));
    await waitFor(() => expect(called('migration:baseline')[0]).toMatchObject({ mark: 'applied' }));
    expect(called('migration:plan')).toEqual([]);
  });

  it('refuses on a read-only connection', async () => {
    show({}, { read_only: true });
    ask();
    expect(await screen.findByRole('button', { name: 'Apply 2 to shop' })).toBeDisabled();
  });
});

describe('a run as it goes', () => {
  const start = async (answers: Answers = {}) => {
    const view = show({ 'job:list': { jobs: [aJob()] }, ...answers });
    const stop = followJobs();
    await act(() => refreshJobs());
    await screen.findByRole('region', { name: 'Run on shop' });
    return { ...view, stop };
  };

  it('is found again after a reload, and follows the events', async () => {
    const { stop } = await start();
    act(() =>
      emit('job:file', {
        job_id: 'j1',
        version: '1',
        filename: '1_users.sql',
        state: 'running',
        duration_ms: null,
      }),
    );
    expect(
      within(screen.getByRole('region', { name: 'Files of the run' })).getByText('Running'),
    ).toBeVisible();
    act(() =>
      emit('job:file', {
        job_id: 'j1',
        version: '1',
        filename: '1_users.sql',
        state: 'ran' as never,
        duration_ms: 12,
      }),
    );
    expect(screen.getByText('Verifying')).toBeVisible();
    act(() => emit('job:log', { job_id: 'j1', stream: 'stdout', line: 'Applying: 1_users.sql' }));
    expect(
      within(screen.getByRole('region', { name: 'Log' })).getByText('Applying: 1_users.sql'),
    ).toBeVisible();
    stop();
  });

  it('names who blocks it', async () => {
    const { stop } = await start();
    const blocker = {
      session_id: '77',
      user: 'bob',
      application: 'psql',
      query: 'LOCK orders',
      since_s: 61,
      object: 'orders',
    };
    const session = {
      session_id: '12',
      state: 'waiting for a lock',
      query: 'ALTER TABLE orders',
      waiting: true,
      blockers: [blocker],
      progress: null,
    };
    act(() => emit('job:activity', { job_id: 'j1', sessions: [session] }));
    const blockers = within(await screen.findByRole('list', { name: 'Blocked by' }));
    expect(blockers.getByRole('listitem')).toHaveTextContent('Blocked by psql bob · session 77');
    expect(blockers.getByText('LOCK orders')).toBeVisible();
    expect(blockers.getByText(/for 1 min 1 s/)).toBeVisible();
    expect(screen.getByRole('button', { name: /^Waiting for psql/ })).toBeVisible();
    stop();
  });

  it('says Cancelling… until it has ended', async () => {
    const { user, called, stop } = await start({ 'job:cancel': aJob() });
    await user.click(screen.getByRole('button', { name: 'Cancel the run' }));
    expect(await screen.findByRole('button', { name: 'Cancelling…' })).toBeDisabled();
    expect(called('job:cancel')).toEqual([{ job_id: 'j1' }]);
    const error = { code: 'cancelled', title: 'Cancelled', message: 'Nothing was changed.', details: {} };
    act(() => emit('job:finished', { job_id: 'j1', job: aJob({ state: 'cancelled', error }) }));
    expect(screen.queryByRole('button', { name: 'Cancelling…' })).toBeNull();
    expect(screen.getByText('Nothing was changed.')).toBeVisible();
    stop();
  });
});

describe('a failure', () => {
  const failed = aRun({
    ok: false,
    migrations: [
      ran('1_users.sql', 'applied'),
      ran('2_orders.sql', 'failed', ['+ table orders']),
      ran('3_x.sql', 'not_run'),
    ],
  });

  it('says what stayed, opens the line, and offers what to do', async () => {
    const { user, router, container } = show({
      'migration:up': () =>
        fail({
          code: 'migration_failed',
          title: 'The migration failed',
          message: '2_orders.sql failed: near "TABEL"',
          details: { run: failed, file: '2_orders.sql', line: 4 },
        }),
    });
    act(() => askRun({ channel: 'migration:up', connection: 'shop' }));
    await user.click(await screen.findByRole('button', { name: 'Apply 2 to shop' }));
    expect(await screen.findByText('2_orders.sql failed: near "TABEL"')).toBeVisible();
    expect(screen.getByText('+ table orders')).toBeVisible();
    expect(screen.getByText(/1 migration after it was not run/)).toBeVisible();
    expect(screen.getByRole('button', { name: 'Resume 2 on shop' })).toBeVisible();
    expect(screen.getByRole('button', { name: 'Mark as applied…' })).toBeVisible();
    const found = await axe.run(container, {
      rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
    });
    expect(found.violations.map((one) => one.id)).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Open at line 4' }));
    expect(router.state.location.pathname).toBe('/c/shop/edit/2_orders.sql');
    expect(router.state.location.search).toBe('?line=4');
  });

  const known = { compared: true, rolledBack: true };
  const nothing = aRun({ ok: false, migrations: [ran('2.sql', 'failed')] });
  it.each([
    [nothing, known, /rolled back: nothing of it stayed/],
    [nothing, { ...known, rolledBack: false }, /Rows that it changed .* may have stayed/],
    [nothing, { compared: false, rolledBack: false }, /parts of it may have stayed/],
    [failed, known, /This stayed in the database/],
  ])('claims no more than is known (%#)', (run, leftovers, words) => {
    expect(meaningOf(run, leftovers)).toMatch(words);
  });

  it('says nothing of the data where nothing is known', () => {
    expect(meaningOf(nothing, { compared: true, rolledBack: null })).toBe('');
  });
});
