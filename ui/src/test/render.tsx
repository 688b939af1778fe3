/** Pages in their providers, with a backend of prepared answers at the wire. */
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { createMemoryRouter, Outlet, RouterProvider } from 'react-router';
import { vi } from 'vitest';
import type { Answer, Channel, ErrorShape, Request } from '../api/invoke';
import { newQueryClient } from '../api/queries';
import { Providers } from '../app/Providers';
import { ConsentDialog } from '../components/ConsentDialog';
import { ContextMenuHost } from '../components/ContextMenu';
import { UnlockDialog } from '../components/UnlockDialog';
import { CATALOGUE } from './errors';
import { SETTINGS } from './samples';

export type Answers = {
  [C in Channel]?: Answer<C> | ((payload: Request<C>) => Answer<C>);
};

/** Thrown by an answer: the envelope is then an error. */
class Failure extends Error {
  constructor(readonly error: ErrorShape) {
    super(error.message);
  }
}

export function fail(error: Partial<ErrorShape> & { code: string }): never {
  throw new Failure({ title: error.code, message: error.code, ...error });
}

export interface Call {
  channel: string;
  payload: Record<string, unknown>;
}

/** Answer `POST /rpc/<channel>` from the table; returns the calls as they come in. */
export function backend(answers: Answers): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const channel = url.replace('/rpc/', '') as Channel;
    const payload = JSON.parse(String(init.body)) as Record<string, unknown>;
    calls.push({ channel, payload });
    return new Response(JSON.stringify(envelopeOf(answers[channel], channel, payload)));
  });
  return calls;
}

function envelopeOf(answer: unknown, channel: string, payload: unknown) {
  if (answer === undefined) {
    const message = `The test prepared no answer for ${channel}`;
    return { ok: false, error: { code: 'internal_error', title: message, message } };
  }
  try {
    return { ok: true, data: typeof answer === 'function' ? answer(payload) : answer };
  } catch (problem) {
    if (problem instanceof Failure) return { ok: false, error: problem.error };
    throw problem;
  }
}

interface Options {
  /** The route's pattern, e.g. `/c/:connection/database`. */
  path?: string;
  /** The address, e.g. `/c/shop/database`. */
  at?: string;
  answers?: Answers;
}

/** Render a page at an address. Other addresses show their path, so that a test sees where it was led. */
export function renderPage(page: ReactNode, { path = '/', at = path, answers = {} }: Options = {}) {
  const calls = backend({ ...ORDINARY, ...answers });
  const router = createMemoryRouter(
    [
      {
        element: <Around />,
        children: [
          { path, element: page },
          { path: '*', element: <p>elsewhere</p> },
        ],
      },
    ],
    { initialEntries: [at] },
  );
  const user = userEvent.setup();
  const view = render(
    <Providers client={newQueryClient()} env="test">
      <RouterProvider router={router} />
    </Providers>,
  );
  return {
    ...view,
    user,
    router,
    calls,
    called: (channel: Channel) => calls.filter((one) => one.channel === channel).map((one) => one.payload),
  };
}

/** The frame's dialogs, which any page may ask for. */
function Around() {
  return (
    <>
      <Outlet />
      <UnlockDialog />
      <ConsentDialog />
      <ContextMenuHost />
    </>
  );
}

/** What every page asks for. */
export const ORDINARY: Answers = {
  'error:catalogue': CATALOGUE,
  'settings:get': SETTINGS,
  'settings:update': SETTINGS,
  'app:info': {
    version: '0.1.0',
    home: '/home/ada/DB-Toolkit',
    log_file: '/home/ada/DB-Toolkit/logs/app.log',
    user: 'ada',
    platform: 'linux',
    window: false,
    keychain: true,
  },
  'job:list': { jobs: [] },
};
