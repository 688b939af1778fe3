/** A rehearsal of what the panel shows: one job, found again when the panel is opened again or the page is reloaded. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  asChannelError,
  type ChannelError,
  type ErrorShape,
  isErrorShape,
  type Request,
} from '../../../api/invoke';
import { cancelJob, jobs, type LiveJob, runJob, useJob } from '../../../api/jobs';
import { refresh } from '../../../api/queries';
import type { Rehearsal, RowsWanted } from '../../../api/types.generated';
import { createStore, useStore } from '../../../lib/store';
import { notifyError } from '../../notify';
import { announce } from './announce';

/** What is rehearsed, as the channel takes it. */
export type Subject = Pick<
  Request<'preview:rehearse'>,
  'connection' | 'direction' | 'versions' | 'to' | 'count' | 'content'
>;

export interface Choice {
  scratch: string;
  rows: RowsWanted;
  sampleRows: number;
  timeLimitS: number;
}

/** How much would be copied; bytes are 0 where the engine does not tell. */
export interface Copy {
  bytes: number;
  rows: number | null;
}

export const keyOf = (subject: Subject) => JSON.stringify(subject);

/** The job of each subject, the last that was started. */
const started = createStore<ReadonlyMap<string, string>>(new Map());

const remember = (key: string, jobId: string) => started.set((before) => new Map(before).set(key, jobId));

/** The subject on the screen: what ends there needs no announcement. */
export const subjectShown = createStore<string | null>(null);

export interface Rehearsing {
  job: LiveJob | null;
  isRunning: boolean;
  result: Rehearsal | null;
  error: ChannelError | null;
  /** The copy is larger than what goes without asking. */
  asks: Copy | null;
  start(choice: Choice, acceptBytes?: number): void;
  /** Back to the choice, the result put aside. */
  reset(): void;
  cancel(): void;
}

export function useRehearsal(subject: Subject, lead: Lead): Rehearsing {
  const client = useQueryClient();
  const key = keyOf(subject);
  const job = useJob(useStore(started).get(key) ?? null);
  const [asks, setAsks] = useState<Copy | null>(null);
  const [refused, setRefused] = useState<ChannelError | null>(null);

  const start = (choice: Choice, acceptBytes?: number) => {
    setAsks(null);
    setRefused(null);
    const request = {
      ...subject,
      scratch: choice.scratch,
      rows: choice.rows,
      sample_rows: choice.sampleRows,
      time_limit_s: choice.timeLimitS,
      ...(acceptBytes === undefined ? {} : { accept_bytes: acceptBytes }),
    };
    let id = '';
    const onStart = (jobId: string) => {
      id = jobId;
      remember(key, jobId);
      keepForReload(jobId, subject, lead);
    };
    void runJob('preview:rehearse', request, { onStart, asksItself: true })
      .catch((thrown: unknown) => {
        const problem = asChannelError(thrown);
        const { bytes = 0, rows = null } = (problem.details ?? {}) as Partial<Copy>;
        if (problem.code === 'confirmation_required') setAsks({ bytes, rows });
        else if (!jobs.get().has(id)) setRefused(problem);
      })
      .finally(() => {
        forgetForReload(id);
        void refresh(client, ['preview:', 'migration:plan'], subject.connection);
        const ended = jobs.get().get(id);
        if (ended && subjectShown.get() !== key) announce(ended, lead);
      });
  };
  const failed = job?.state === 'failed' || job?.state === 'cancelled' ? job.error : null;
  return {
    job,
    isRunning: job?.state === 'running',
    result: resultOf(job),
    error: refused ?? (isErrorShape(failed) ? asChannelError(failed) : null),
    asks,
    start,
    reset: () => {
      setAsks(null);
      setRefused(null);
      started.set((before) => new Map([...before].filter(([one]) => one !== key)));
    },
    cancel: () => job && void cancelJob(job.job_id).catch(notifyError),
  };
}

/** Also what is known of one that was cancelled. */
function resultOf(job: LiveJob | null): Rehearsal | null {
  if (job?.state === 'done') return job.result as Rehearsal | null;
  const { rehearsal } = ((job?.error as ErrorShape | null)?.details ?? {}) as { rehearsal?: Rehearsal };
  return rehearsal && rehearsal.files.length > 0 ? rehearsal : null;
}

/** How the panel is opened again, and how its target is called. */
export interface Lead {
  target: string;
  open(): void;
  /** What `open` needs after a reload, as plain data. */
  question: unknown;
}

const PREFIX = 'db-toolkit rehearsal ';
// A text of some size is not worth the little room a session has.
const KEPT_CHARS = 500_000;

function keepForReload(jobId: string, subject: Subject, { question }: Lead): void {
  const text = JSON.stringify({ subject, question });
  if (text.length > KEPT_CHARS) return;
  try {
    sessionStorage.setItem(PREFIX + jobId, text);
  } catch {
    // No room or none allowed: the rehearsal is then only found as long as the page is not reloaded.
  }
}

const forgetForReload = (jobId: string) => sessionStorage.removeItem(PREFIX + jobId);

/** The rehearsal of this page that went on while the page was reloaded; what was asked, to open the panel with. */
export function foundAgain(known: LiveJob[]): unknown {
  for (const job of known) {
    const kept = sessionStorage.getItem(PREFIX + job.job_id);
    if (!kept || job.mine) continue;
    const { subject, question } = JSON.parse(kept) as { subject: Subject; question: unknown };
    remember(keyOf(subject), job.job_id);
    if (job.state !== 'running') forgetForReload(job.job_id);
    return question;
  }
  return null;
}
