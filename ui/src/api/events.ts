/** What the backend tells by itself. One EventSource serves the window and the browser alike. */
import { createStore } from '../lib/store';
import type { Job, RunStatus } from './types.generated';

/** Who is in the way, as far as the server tells. */
export interface Blocker {
  session_id: string;
  user?: string | null;
  application?: string | null;
  /** What it runs; where it runs nothing, what it ran last. */
  query?: string | null;
  since_s?: number | null;
  object?: string | null;
  host?: string | null;
  /** A clause: `has a transaction open and does nothing in it`. */
  state?: string | null;
  mode?: string | null;
  /** The sessions that it waits for itself. */
  waits_for?: string[];
  /** False where the server does not tell, and this is the likeliest. */
  is_certain?: boolean;
  /** What somebody who may would run to end it. */
  end_statement?: string | null;
}

/** What the server does for one session of a run. */
export interface ActivitySession {
  session_id: string;
  state: string;
  query: string | null;
  waiting: boolean;
  blockers: Blocker[];
  progress: number | null;
  /** How long it has waited, or where it does not wait, worked. */
  since_s?: number | null;
  object?: string | null;
  phase?: string | null;
  done?: number | null;
  total?: number | null;
  unit?: string | null;
  note?: string | null;
}

/** `ran`: the tool says it is done; what the database says comes with the next state. */
export type FileState = 'running' | 'ran' | RunStatus;

export interface Events {
  'job:started': { job_id: string; job?: Job; channel?: string; connection?: string | null };
  'job:progress': { job_id: string; done: number; total: number; message: string };
  'job:log': { job_id: string; stream: string; line: string };
  'job:file': {
    job_id: string;
    version: string;
    filename: string;
    state: FileState;
    duration_ms: number | null;
  };
  'job:activity': { job_id: string; sessions: ActivitySession[] };
  'job:finished': { job_id: string; job: Job };
  'migrations:changed': { connection: string; files?: string[] };
  /** `reachable` where that is what changed. */
  'connection:changed': { connection: string; reachable?: boolean };
  /** Made, checked, changed or removed. */
  'backups:changed': { connection: string };
  'comments:changed': { connection: string };
  'settings:changed': Record<string, never>;
  'database:changed': { connection: string };
  /** A database that was late has answered: asking again gets what it said. */
  'dashboard:changed': { connection: string };
  /** The app's own ledger was damaged and begun anew; live:ledger tells. */
  'ledger:damaged': Record<string, never>;
  /** This listener was too slow and missed some. */
  'events:lost': Record<string, never>;
}

export type EventName = keyof Events;
type Listener<E extends EventName> = (data: Events[E]) => void;

const listeners = new Map<string, Set<(data: never) => void>>();

/** Whether the stream of events is open. */
export const link = createStore<'connecting' | 'open' | 'lost'>('connecting');

/** Hear one kind of event; returns how to stop. */
export function onEvent<E extends EventName>(event: E, listener: Listener<E>): () => void {
  const heard = listeners.get(event) ?? new Set();
  listeners.set(event, heard.add(listener as (data: never) => void));
  return () => heard.delete(listener as (data: never) => void);
}

export function emit<E extends EventName>(event: E, data: Events[E]): void {
  for (const listener of [...(listeners.get(event) ?? [])]) (listener as Listener<E>)(data);
}

/** Try to open the stream now instead of after the pause. */
let openNow: (() => void) | null = null;
export const retryEvents = () => openNow?.();

const BACKOFF_MS = [500, 1000, 2000, 5000, 10_000];

/** Keep the stream open. `onGap` is called when events may have been missed: after a reconnection, or when told so. */
export function connectEvents(onGap: () => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let wasOpen = false;

  const open = () => {
    source = new EventSource('/events');
    source.onopen = () => {
      failures = 0;
      link.set('open');
      if (wasOpen) onGap();
      wasOpen = true;
    };
    source.onmessage = (message) => {
      const { event, data } = JSON.parse(message.data as string) as { event: EventName; data: never };
      emit(event, data);
    };
    source.onerror = () => {
      source?.close();
      link.set(wasOpen || failures > 0 ? 'lost' : 'connecting');
      clearTimeout(timer);
      timer = setTimeout(open, BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]);
      failures += 1;
    };
  };
  open();
  const again = () => {
    if (link.get() !== 'lost') return;
    clearTimeout(timer);
    source?.close();
    open();
  };
  openNow = again;
  window.addEventListener('online', again);
  const stop = onEvent('events:lost', onGap);
  return () => {
    stop();
    openNow = null;
    window.removeEventListener('online', again);
    clearTimeout(timer);
    source?.close();
  };
}
