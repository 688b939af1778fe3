/** The one way to the backend: `invoke(channel, payload)`, through the window's bridge or over HTTP. */
import type { Channels } from './types.generated';

export type Channel = keyof Channels;
export type Request<C extends Channel> = Channels[C]['request'];
export type Answer<C extends Channel> = Channels[C]['answer'];

/** The error of the envelope. `code` is stable; the rest is for people. */
export interface ErrorShape {
  code: string;
  title: string;
  message: string;
  hint?: string | null;
  docs?: string | null;
  details?: Record<string, unknown> | null;
}

export class ChannelError extends Error {
  readonly code: string;
  readonly title: string;
  readonly hint: string | null;
  readonly docs: string | null;
  readonly details: Record<string, unknown>;
  readonly channel: string | null;

  constructor(error: ErrorShape, channel: string | null = null) {
    super(error.message);
    this.name = 'ChannelError';
    this.code = error.code;
    this.title = error.title;
    this.hint = error.hint ?? null;
    this.docs = error.docs ?? null;
    this.details = error.details ?? {};
    this.channel = channel;
  }
}

/** Any thrown thing as a ChannelError, so that one panel can show it. */
export function asChannelError(problem: unknown): ChannelError {
  if (problem instanceof ChannelError) return problem;
  if (isErrorShape(problem)) return new ChannelError(problem);
  return new ChannelError({
    code: 'internal_error',
    title: 'Something went wrong inside DB Toolkit',
    message: problem instanceof Error ? problem.message : String(problem),
    hint: 'Reload the page. If it happens again, copy the details and report them.',
  });
}

export const isErrorShape = (value: unknown): value is ErrorShape =>
  typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'title' in value;

/** The backend did not answer at all: it ended, or this page's session is another start's. */
const unreachable = (channel: string, message: string, hint: string) =>
  new ChannelError(
    { code: 'backend_unreachable', title: 'DB Toolkit does not answer', message, hint },
    channel,
  );

type Envelope = { ok: true; data: unknown } | { ok: false; error: ErrorShape };

interface Bridge {
  api?: { invoke?(channel: string, payload: unknown): Promise<Envelope> };
}

const bridge = () => (window as { pywebview?: Bridge }).pywebview;
export const isWindowShell = () => document.documentElement.dataset.shell === 'window';

/** Call a channel. Resolves with its answer; throws ChannelError where the envelope is not ok. */
export async function invoke<C extends Channel>(channel: C, payload: Request<C>): Promise<Answer<C>> {
  const envelope = isWindowShell() ? await throughBridge(channel, payload) : await overHttp(channel, payload);
  if (!envelope.ok) throw new ChannelError(envelope.error, channel);
  return envelope.data as Answer<C>;
}

async function throughBridge(channel: string, payload: unknown): Promise<Envelope> {
  await bridgeReady();
  const call = bridge()?.api?.invoke;
  if (!call)
    throw unreachable(
      channel,
      'The window’s bridge is missing.',
      'Close the window and start DB Toolkit again.',
    );
  try {
    return await call(channel, payload);
  } catch (problem) {
    throw unreachable(channel, String(problem), 'Close the window and start DB Toolkit again.');
  }
}

let ready: Promise<void> | null = null;

function bridgeReady(): Promise<void> {
  if (bridge()?.api?.invoke) return Promise.resolve();
  ready ??= new Promise((resolve) => {
    window.addEventListener('pywebviewready', () => resolve(), { once: true });
  });
  return ready;
}

const LAST_WORDS: ReadonlySet<string> = new Set(['draft:save', 'settings:update']);
// Browsers refuse more than 64 KiB at once; a character may take three bytes.
const KEEPALIVE_MOST = 20_000;

async function overHttp(channel: string, payload: unknown): Promise<Envelope> {
  let response: Response;
  const body = JSON.stringify(payload);
  try {
    response = await fetch(`/rpc/${channel}`, {
      method: 'POST',
      body,
      // What was typed last is kept also while the page goes away.
      keepalive: LAST_WORDS.has(channel) && body.length < KEEPALIVE_MOST,
      headers: { 'Content-Type': 'application/json' },
      credentials: 'same-origin',
    });
  } catch {
    throw unreachable(
      channel,
      'The connection to the app was lost.',
      'Check that DB Toolkit is still running, then try again.',
    );
  }
  const envelope = (await response.json().catch(() => null)) as Envelope | null;
  if (envelope && typeof envelope === 'object' && 'ok' in envelope) return envelope;
  throw unreachable(
    channel,
    `The app answered ${response.status} instead of an answer.`,
    'Open the link that DB Toolkit printed at its start: each start has a link of its own.',
  );
}
