import { afterEach, beforeEach, expect, test } from 'vitest';
import { backend, fail } from '../test/render';
import { consentAsked } from './consent';
import { emit } from './events';
import { followJobs, jobs, runJob } from './jobs';
import type { Job, Run } from './types.generated';

const RUN = { run_id: 'r1', connection: 'shop', direction: 'up', ok: true, migrations: [] } as unknown as Run;

let stop: () => void;

beforeEach(() => {
  jobs.set(new Map());
  stop = followJobs();
});

afterEach(() => stop());

const only = () => [...jobs.get().values()][0];

test('a job is there while it runs, hears its events, and keeps its answer', async () => {
  const calls = backend({ 'migration:up': RUN });
  const run = runJob('migration:up', { connection: 'shop' });
  const id = only()?.job_id ?? '';
  expect(only()).toMatchObject({ state: 'running', connection: 'shop', mine: true });
  emit('job:progress', { job_id: id, done: 1, total: 3, message: 'create_users' });
  emit('job:file', { job_id: id, version: '1', filename: '1_a.sql', state: 'running', duration_ms: null });
  emit('job:file', { job_id: id, version: '1', filename: '1_a.sql', state: 'applied', duration_ms: 4 });
  emit('job:log', { job_id: id, stream: 'stdout', line: 'Applied: 1_a.sql' });
  expect(only()).toMatchObject({ done: 1, total: 3, log: ['Applied: 1_a.sql'] });
  expect(only()?.files).toEqual([{ version: '1', filename: '1_a.sql', state: 'applied', duration_ms: 4 }]);
  await run;
  expect(only()).toMatchObject({ state: 'done', result: RUN });
  expect(calls[0]?.payload).toEqual({ connection: 'shop', job_id: id });
});

test('a run that failed stays with its error', async () => {
  backend({ 'migration:up': () => fail({ code: 'migration_failed', details: { run: RUN } }) });
  await expect(runJob('migration:up', { connection: 'shop' })).rejects.toMatchObject({
    code: 'migration_failed',
  });
  expect(only()).toMatchObject({
    state: 'failed',
    error: { code: 'migration_failed', details: { run: RUN } },
  });
});

test('asking for consent leaves no failed job behind', async () => {
  backend({
    'migration:up': ({ confirm }) =>
      confirm ? RUN : fail({ code: 'confirmation_required', details: { confirm: 'shop', losses: [] } }),
  });
  const run = runJob('migration:up', { connection: 'shop' });
  await expect.poll(() => consentAsked.get()).not.toBeNull();
  expect(jobs.get().size).toBe(0);
  consentAsked.get()?.answer('shop');
  await run;
  expect([...jobs.get().values()].map((job) => job.state)).toEqual(['done']);
});

test('a job of another page is fetched when its first event is heard', async () => {
  const job = {
    job_id: 'x',
    channel: 'migration:up',
    connection: 'shop',
    state: 'running',
    log: [],
    files: [],
  };
  backend({ 'job:get': job as unknown as Job });
  emit('job:started', { job_id: 'x' });
  await expect.poll(() => only()?.job_id).toBe('x');
  expect(only()?.mine).toBeFalsy();
});
