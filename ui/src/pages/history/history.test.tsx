import { screen, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { HistoryRun } from '../../api/types.generated';
import { renderPage } from '../../test/render';
import { aConnection } from '../../test/samples';
import { asked, isFiltered, NO_FILTERS, readFilters, writeFilters } from './filters';
import HistoryPage from './index';
import { countsOf, whatOf } from './words';

const aRun = (change: Partial<HistoryRun> = {}): HistoryRun => ({
  run_id: 'r1',
  connection: 'shop',
  connection_name: 'shop',
  connection_exists: true,
  environment: 'development',
  engine: 'postgres',
  kind: 'up',
  direction: 'up',
  state: 'ok',
  started_at: '2026-01-17T12:00:00.000Z',
  finished_at: '2026-01-17T12:00:01.000Z',
  clock: 'ok',
  duration_ms: 42,
  author: 'Ada',
  os_user: 'ada',
  host: 'desk',
  tool: 'dbmate',
  tool_version: '2.37.0',
  app_version: '1.0.0',
  git_commit: null,
  backup_id: null,
  files: [
    {
      version: '20260117120000',
      filename: '20260117120000_create_users.sql',
      direction: 'up',
      status: 'applied',
      duration_ms: 12,
      waited_ms: null,
      sha256: 'ab',
      partial: false,
      landed: [],
      reconciled: false,
      error: null,
    },
  ],
  file_count: 1,
  counts: { applied: 1 },
  error: null,
  ...change,
});

const open = (at: string, rows: HistoryRun[]) =>
  renderPage(<HistoryPage />, {
    path: '/c/:connection/history',
    at,
    answers: {
      'connection:list': { connections: [aConnection()], problems: [] },
      'history:facets': { connections: [], authors: ['Ada'] },
      'history:list': ({ state }) => {
        const found = rows.filter((one) => !state || one.state === state);
        return { rows: found, total: found.length };
      },
      'history:get': ({ run_id }) => {
        const run = rows.find((one) => one.run_id === run_id) ?? aRun();
        const files = run.files.map((file) => ({
          ...file,
          content: null,
          ran: null,
          ran_line: null,
          content_left_out: false,
          size: null,
          language: 'sql',
          server: null,
        }));
        return { ...run, files, output: 'Applying: it', server: null, rollback_check: null };
      },
    },
  });

describe('the list', () => {
  test('a filter narrows it and stands in the address', async () => {
    const rows = [aRun(), aRun({ run_id: 'r2', state: 'failed', counts: { failed: 1 } })];
    const { user, router } = open('/c/shop/history', rows);
    expect(await screen.findByText('2 runs')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Failed' }));
    expect(await screen.findByText('1 run')).toBeVisible();
    expect(router.state.location.search).toBe('?state=failed');
  });

  test('a clock that was wrong is said, not believed', async () => {
    open('/c/shop/history', [
      aRun({ clock: 'future', started_at: '2999-01-01T00:00:00.000Z', duration_ms: null }),
    ]);
    const grid = await screen.findByRole('grid', { name: 'Runs' });
    expect(within(grid).getByText('Unknown')).toBeVisible();
    expect(within(grid).queryByText(/in .* years/)).toBeNull();
  });

  test('names with markup are text', async () => {
    const [file] = aRun().files;
    if (!file) throw new Error('a run has a file');
    open('/c/shop/history', [
      aRun({ author: '<b>x</b>', files: [{ ...file, filename: '1_<img src=x onerror=alert(1)>.sql' }] }),
    ]);
    expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeVisible();
    expect(screen.getByText('<b>x</b>')).toBeVisible();
    expect(document.querySelector('img[src="x"]')).toBeNull();
  });

  test('an empty one leads to the migrations, a filtered one back to all', async () => {
    const { user } = open('/c/shop/history?q=zebra&state=failed', []);
    await user.click(await screen.findByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByRole('link', { name: 'Go to the migrations of shop' })).toBeVisible();
  });

  test('Enter opens the record, whose facts say what was not recorded', async () => {
    const { user, router } = open('/c/shop/history', [aRun()]);
    await screen.findByText('1 run');
    screen.getByRole('grid', { name: 'Runs' }).focus();
    await user.keyboard('{Enter}');
    await user.click(await screen.findByRole('tab', { name: 'Facts' }));
    expect(router.state.location.search).toBe('?run=r1');
    expect(screen.getByText('dbmate 2.37.0')).toBeVisible();
    expect(screen.getByText('Not recorded')).toBeVisible();
  });
});

describe('filters', () => {
  test('survive the address and back; what is not one is dropped', () => {
    const filters = {
      ...NO_FILTERS,
      query: 'a b',
      state: 'failed' as const,
      from: '2026-01-01',
      everywhere: true,
    };
    expect(readFilters(writeFilters(filters))).toEqual(filters);
    expect(readFilters(new URLSearchParams('state=odd&from=2026-99-99&direction=sideways'))).toEqual(
      NO_FILTERS,
    );
    expect(isFiltered({ ...NO_FILTERS, everywhere: true })).toBe(false);
  });

  test('days are local and both included', () => {
    const { from, to } = asked({ ...NO_FILTERS, from: '2026-01-31', to: '2026-01-31' }, 'shop');
    expect(new Date(String(to)).getTime() - new Date(String(from)).getTime()).toBe(86_400_000);
    expect(asked({ ...NO_FILTERS, everywhere: true }, 'shop')).toEqual({});
  });
});

test('runs in words', () => {
  expect(whatOf({ kind: 'redo', direction: 'down' })).toBe('Redo, rolling back');
  expect(countsOf({ applied: 2, failed: 1 })).toBe('1 failed, 2 applied');
});
