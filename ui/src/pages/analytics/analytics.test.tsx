import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { FileRef, Overview } from '../../api/types.generated';
import { renderPage } from '../../test/render';
import { aConnection } from '../../test/samples';
import AnalyticsPage from './index';
import { since } from './range';
import { formatRate } from './words';

const FILE: FileRef = {
  run_id: 'r1',
  connection: 'shop',
  connection_name: 'shop',
  environment: 'production',
  version: '20260117120000',
  filename: '20260117120000_index_orders.sql',
  direction: 'up',
  duration_ms: 9000,
  started_at: '2026-01-17T12:00:00.000Z',
  kind: 'index',
};

const anOverview = (change: Partial<Overview> = {}): Overview => ({
  connections: ['shop'],
  since: null,
  until: null,
  states: [],
  files: 40,
  last_run: null,
  last_migration: null,
  migrations: { ok: 39, tried: 40, rate: 0.975 },
  rollbacks: { ok: 0, tried: 0, rate: null },
  restores: null,
  errors: [],
  times: { files: 39, mean_ms: 30, median_ms: 20, p95_ms: 90, slowest_ms: 9000 },
  rollback_times: { files: 0, mean_ms: null, median_ms: null, p95_ms: null, slowest_ms: null },
  distribution: { applied: 39, failed: 1 },
  bucket: 'day',
  trend: [{ start: '2026-01-17', files: 39, median_ms: 20, p95_ms: 90 }],
  frequency: [{ start: '2026-01-17', applied: 39, rolled_back: 0, failed: 1 }],
  per_day: 40,
  per_week: 280,
  undated: 0,
  slowest: [FILE],
  kinds: [],
  outliers: [
    {
      file: FILE,
      compared_with: 'kind',
      others: 31,
      median_ms: 110,
      score: 9,
      times_slower: 81.8,
      reason: 'Reason unknown.',
      evidence: [],
    },
  ],
  comparison: { sampled: 39, connections: [], versions: [], contents: [], tools: [] },
  resources: {
    files: 0,
    waited_ms: null,
    waiting_files: 0,
    blockers: [],
    not_told: ['Buffers are not measured.'],
  },
  suggestions: [
    {
      code: 'pg-index-not-concurrent',
      title: 'Index built without CONCURRENTLY',
      severity: 'high',
      message: 'Writes wait.',
      harm: 'Writes wait.',
      advice: 'Build it concurrently.',
      safe_form: 'CREATE INDEX CONCURRENTLY …',
      statement: '',
      docs: 'docs/rules/pg-index-not-concurrent.md',
      engine: 'postgres',
      files: [FILE],
      why: 'outlier',
      line: 2,
    },
  ],
  reading: { known: 1, total: 1 },
  method: 'By the modified z-score.',
  ...change,
});

const open = (overview: Overview, at = '/c/shop/analytics') =>
  renderPage(<AnalyticsPage />, {
    path: '/c/:connection/analytics',
    at,
    answers: {
      'connection:list': { connections: [aConnection()], problems: [] },
      'analytics:overview': overview,
      'analytics:states': { states: [] },
    },
  });

test('what is not known is never a zero', async () => {
  open(anOverview());
  expect((await screen.findAllByText('97.5 %'))[0]).toBeVisible();
  expect(screen.getAllByText('None yet').length).toBeGreaterThanOrEqual(2);
  expect(screen.getByText(/Reason unknown/)).toBeVisible();
  expect(screen.getByText(/^Not told: no migration ran/)).toBeVisible();
});

test('every chart has its table, and can be shown as one', async () => {
  const { user } = open(anOverview());
  const figure = await screen.findByRole('figure', { name: 'Execution time' });
  expect(within(figure).getByRole('table', { name: 'Execution time' })).toBeInTheDocument();
  await user.click(within(figure).getByRole('button', { name: 'Show Execution time as a table' }));
  expect(within(figure).getByRole('cell', { name: '90 ms' })).toBeVisible();
});

test('a suggestion leads to its rule and to the run', async () => {
  open(anOverview());
  const suggestions = await screen.findByRole('region', { name: 'Suggestions' });
  expect(within(suggestions).getByRole('link', { name: 'Index built without CONCURRENTLY' })).toHaveAttribute(
    'href',
    '/rules/pg-index-not-concurrent',
  );
  expect(within(suggestions).getByRole('link', { name: 'index_orders' })).toHaveAttribute(
    'href',
    '/c/shop/history?run=r1',
  );
});

test('the range and the scope are asked for and stand in the address', async () => {
  const { user, router, called } = open(anOverview());
  await user.click(await screen.findByRole('radio', { name: 'All time' }));
  await user.click(screen.getByRole('radio', { name: 'All connections' }));
  expect(router.state.location.search).toBe('?range=all&all=1');
  await screen.findAllByText('97.5 %');
  expect(called('analytics:overview').at(-1)).toEqual({ states: false });
});

test('nothing that ran is an invitation', async () => {
  open(anOverview({ files: 0 }), '/c/shop/analytics?range=all');
  expect(await screen.findByRole('link', { name: 'Go to the migrations of shop' })).toBeVisible();
});

test('rates and ranges', () => {
  expect(formatRate(0.99999)).toBe('99.9 %');
  expect(formatRate(1)).toBe('100 %');
  expect(since('all')).toBeUndefined();
  expect(since('7d', new Date(2026, 0, 10, 15))).toBe(new Date(2026, 0, 4).toISOString());
});
