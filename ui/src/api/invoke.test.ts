import { describe, expect, test, vi } from 'vitest';
import { backend, fail } from '../test/render';
import { asChannelError, ChannelError, invoke } from './invoke';

describe('invoke', () => {
  test('resolves with the data of the envelope', async () => {
    const calls = backend({ 'connection:split-url': { engine: 'postgres', fields: { host: 'db' } } });
    const parts = await invoke('connection:split-url', { url: 'postgres://db/shop' });
    expect(parts.fields).toEqual({ host: 'db' });
    expect(calls).toEqual([{ channel: 'connection:split-url', payload: { url: 'postgres://db/shop' } }]);
  });

  test('throws the error of the envelope with all its parts', async () => {
    backend({
      'database:create': () =>
        fail({
          code: 'conflict',
          title: 'Taken',
          message: 'It exists.',
          hint: 'Drop it.',
          details: { database: 'shop' },
        }),
    });
    const problem = await invoke('database:create', { connection: 'shop' }).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ChannelError);
    expect(problem).toMatchObject({
      code: 'conflict',
      title: 'Taken',
      message: 'It exists.',
      hint: 'Drop it.',
      details: { database: 'shop' },
      channel: 'database:create',
    });
  });

  test('says that the app does not answer where nothing listens', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(invoke('app:info', {})).rejects.toMatchObject({ code: 'backend_unreachable' });
  });

  test('says to open the printed link where the session is refused', async () => {
    vi.stubGlobal('fetch', async () => new Response('Please open DB Toolkit with the link', { status: 401 }));
    await expect(invoke('app:info', {})).rejects.toMatchObject({
      code: 'backend_unreachable',
      hint: expect.stringContaining('link'),
    });
  });

  test('waits for the bridge of the window and speaks through it', async () => {
    document.documentElement.dataset.shell = 'window';
    const answer = invoke('job:cancel', { job_id: 'a' });
    const call = vi.fn(async () => ({ ok: true, data: { job_id: 'a' } }));
    vi.stubGlobal('pywebview', { api: { invoke: call } });
    window.dispatchEvent(new Event('pywebviewready'));
    await expect(answer).resolves.toEqual({ job_id: 'a' });
    expect(call).toHaveBeenCalledWith('job:cancel', { job_id: 'a' });
    delete document.documentElement.dataset.shell;
  });
});

test('anything thrown can be shown as an error', () => {
  expect(asChannelError(new RangeError('too far'))).toMatchObject({
    code: 'internal_error',
    message: 'too far',
  });
  expect(asChannelError({ code: 'busy', title: 'Busy', message: 'Wait.' }).code).toBe('busy');
});
