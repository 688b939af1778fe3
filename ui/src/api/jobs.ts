/** Long channels while they run. One store holds the running jobs and those that ended since the app was opened. */
import { useMemo } from 'react';
import { createStore, useStore } from '../lib/store';
import { withConsent } from './consent';
import { type ActivitySession, type FileState, onEvent } from './events';
import { type Answer, ChannelError, type ErrorShape, invoke, type Request } from './invoke';
import type { Job, JobChannel } from './types.generated';

export interface JobFile {
  version: string;
  filename: string;
  state: FileState;
  duration_ms: number | null;
}

/** A job as the screens show it: the backend's Job, its files typed, and what the server is doing now. */
export interface LiveJob extends Omit<Job, 'files' | 'log' | 'sessions'> {
  files: JobFile[];
  log: string[];
  sessions: ActivitySession[];
  /** When `sessions` came, by this page's own clock (performance.now). */
  seenAt: number;
  /** The last session that was seen waiting, and when; kept after the end, to say whom it waited for. */
  lastWait: { session: ActivitySession; seenAt: number } | null;
  /** When it started, by this page's own clock: the system's may be set while it runs. */
  since: number;
  /** True where this page started it (and awaits its answer). */
  mine: boolean;
}

const LOG_LINES = 5000;

/** Every known job by id, oldest first. */
export const jobs = createStore<ReadonlyMap<string, LiveJob>>(new Map());

/** The job whose panel is open, or null. */
export const shownJob = createStore<string | null>(null);

export const showJob = (jobId: string | null) => shownJob.set(jobId);

function patch(jobId: string, change: (job: LiveJob) => LiveJob): void {
  jobs.set((before) => {
    const job = before.get(jobId);
    return job ? new Map(before).set(jobId, change(job)) : before;
  });
}

/** The page's own clock for a moment of the system's; never in the future. */
const sinceOf = (startedAt: string) =>
  performance.now() - Math.max(0, Date.now() - new Date(startedAt).getTime());

const fromBackend = (job: Job, known: LiveJob | undefined): LiveJob =>
  seen(
    {
      ...job,
      files: job.files as unknown as JobFile[],
      sessions: [],
      seenAt: 0,
      lastWait: known?.lastWait ?? null,
      since: known?.since ?? sinceOf(job.started_at),
      mine: known?.mine ?? false,
    },
    job.state === 'running' ? ((job.sessions ?? []) as unknown as ActivitySession[]) : [],
  );

/** The job with what the server was just seen doing. */
function seen(job: LiveJob, sessions: ActivitySession[]): LiveJob {
  const seenAt = performance.now();
  const waiting = sessions.find((one) => one.waiting);
  return { ...job, sessions, seenAt, lastWait: waiting ? { session: waiting, seenAt } : job.lastWait };
}

function put(job: Job): void {
  jobs.set((before) => {
    const known = before.get(job.job_id);
    // The log lines heard here are the fuller ones: the backend keeps only the last.
    const log = known && known.log.length > job.log.length ? known.log : job.log;
    return new Map(before).set(job.job_id, { ...fromBackend(job, known), log });
  });
}

/** Ask for the jobs of the backend: a page that was reloaded finds its running job again. */
export async function refreshJobs(): Promise<void> {
  const { jobs: known } = await invoke('job:list', {});
  for (const job of [...known].reverse()) put(job);
}

/** Follow the events. Returns how to stop. */
export function followJobs(): () => void {
  const fetchUnknown = (jobId: string) => {
    if (!jobs.get().has(jobId)) void invoke('job:get', { job_id: jobId }).then(put, () => undefined);
  };
  const stops = [
    onEvent('job:started', ({ job_id, job }) =>
      job && !jobs.get().has(job_id) ? put(job) : fetchUnknown(job_id),
    ),
    onEvent('job:progress', ({ job_id, done, total, message }) => {
      fetchUnknown(job_id);
      patch(job_id, (job) => ({ ...job, done, total, message }));
    }),
    onEvent('job:log', ({ job_id, line }) =>
      patch(job_id, (job) => ({ ...job, log: [...job.log.slice(1 - LOG_LINES), line] })),
    ),
    onEvent('job:file', ({ job_id, ...file }) =>
      patch(job_id, (job) => {
        const others = job.files.filter((one) => one.filename !== file.filename);
        const at = job.files.findIndex((one) => one.filename === file.filename);
        return { ...job, files: at < 0 ? [...others, file] : job.files.with(at, file) };
      }),
    ),
    onEvent('job:activity', ({ job_id, sessions }) => patch(job_id, (job) => seen(job, sessions))),
    onEvent('job:finished', ({ job }) => put(job)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export interface RunJobOptions {
  /** Called with the job's id as soon as it starts (again after consent, with the id of that call). */
  onStart?(jobId: string): void;
  /** The caller asks for itself what `confirmation_required` wants: no name has to be typed for it. */
  asksItself?: boolean;
}

/**
 * Run a long channel as a job of ours: it is in the store at once, asks for consent where it must, and resolves with
 * the answer. Throws ChannelError; the job then stays in the store as failed.
 */
export function runJob<C extends JobChannel>(
  channel: C,
  payload: Request<C>,
  options: RunJobOptions = {},
): Promise<Answer<C>> {
  const call = async (name: C, request: Request<C>): Promise<Answer<C>> => {
    const jobId = crypto.randomUUID();
    begin(jobId, name, request);
    options.onStart?.(jobId);
    try {
      const answer = await invoke(name, { ...request, job_id: jobId });
      finish(jobId, { state: 'done', result: answer });
      return answer;
    } catch (problem) {
      if (problem instanceof ChannelError && problem.code === 'confirmation_required') forget(jobId);
      else if (problem instanceof ChannelError) finish(jobId, endOf(problem));
      throw problem;
    }
  };
  return options.asksItself ? call(channel, payload) : withConsent(channel, payload, call);
}

function begin(jobId: string, channel: string, request: unknown): void {
  const { connection } = request as { connection?: string };
  const job: LiveJob = {
    job_id: jobId,
    channel,
    connection: connection ?? null,
    state: 'running',
    done: 0,
    total: 0,
    message: '',
    started_at: new Date().toISOString(),
    finished_at: null,
    cancellable: true,
    result: null,
    error: null,
    log: [],
    files: [],
    sessions: [],
    seenAt: 0,
    lastWait: null,
    since: performance.now(),
    duration_ms: null,
    mine: true,
  };
  jobs.set((before) => new Map(before).set(jobId, job));
}

const endOf = (problem: ChannelError): Partial<LiveJob> => ({
  state: problem.code === 'cancelled' ? 'cancelled' : 'failed',
  error: {
    code: problem.code,
    title: problem.title,
    message: problem.message,
    hint: problem.hint,
    docs: problem.docs,
    details: problem.details,
  } satisfies ErrorShape,
});

function finish(jobId: string, end: Partial<LiveJob>): void {
  patch(jobId, (job) => ({
    ...job,
    ...end,
    sessions: [],
    finished_at: job.finished_at ?? new Date().toISOString(),
    duration_ms: job.duration_ms ?? performance.now() - job.since,
  }));
}

function forget(jobId: string): void {
  if (shownJob.get() === jobId) shownJob.set(null);
  jobs.set((before) => {
    const after = new Map(before);
    after.delete(jobId);
    return after;
  });
}

/** Ask a job to end. The job itself tells when it has. */
export async function cancelJob(jobId: string): Promise<void> {
  put(await invoke('job:cancel', { job_id: jobId }));
}

/** Jobs of a connection (or all), newest first. */
export function useJobs(connection?: string): LiveJob[] {
  const all = useStore(jobs);
  return useMemo(
    () => [...all.values()].filter((job) => !connection || job.connection === connection).reverse(),
    [all, connection],
  );
}

export function useJob(jobId: string | null): LiveJob | null {
  const all = useStore(jobs);
  return (jobId && all.get(jobId)) || null;
}

const RUNS = new Set([
  'migration:up',
  'migration:down',
  'migration:retry',
  'migration:redo',
  'migration:baseline',
  'migration:resume',
]);

export const isRun = (job: Pick<Job, 'channel'>) => RUNS.has(job.channel);
