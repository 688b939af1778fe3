import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectEvents, link, onEvent } from './events';
import { channelKey, refreshOnEvents } from './queries';

class FakeSource {
  static all: FakeSource[] = [];
  onopen?: () => void;
  onmessage?: (message: { data: string }) => void;
  onerror?: () => void;
  close = vi.fn();
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  says(event: string, data: unknown) {
    this.onmessage?.({ data: JSON.stringify({ event, data }) });
  }
}

const newest = () => FakeSource.all.at(-1) as FakeSource;
let stop: (() => void) | undefined;

beforeEach(() => {
  FakeSource.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
});

afterEach(() => {
  stop?.();
  vi.useRealTimers();
});

test('what the backend tells reaches those who listen', () => {
  const heard = vi.fn();
  stop = connectEvents(vi.fn());
  const deaf = onEvent('migrations:changed', heard);
  newest().says('migrations:changed', { connection: 'shop' });
  deaf();
  newest().says('migrations:changed', { connection: 'blog' });
  expect(heard.mock.calls).toEqual([[{ connection: 'shop' }]]);
});

test('a lost stream is opened again, later and later, and what was missed is asked for', () => {
  const onGap = vi.fn();
  stop = connectEvents(onGap);
  newest().onopen?.();
  expect([link.get(), onGap.mock.calls.length]).toEqual(['open', 0]);
  newest().onerror?.();
  expect(link.get()).toBe('lost');
  vi.advanceTimersByTime(500);
  newest().onerror?.();
  vi.advanceTimersByTime(500);
  expect(FakeSource.all).toHaveLength(2);
  vi.advanceTimersByTime(500);
  expect(FakeSource.all).toHaveLength(3);
  newest().onopen?.();
  expect([link.get(), onGap.mock.calls.length]).toEqual(['open', 1]);
});

test('a listener that was too slow asks for everything again', () => {
  const onGap = vi.fn();
  stop = connectEvents(onGap);
  newest().onopen?.();
  newest().says('events:lost', {});
  expect(onGap).toHaveBeenCalledOnce();
});

test('a change of one connection makes only its own answers stale', () => {
  const client = new QueryClient();
  const shop = channelKey('migration:status', { connection: 'shop' });
  const blog = channelKey('migration:status', { connection: 'blog' });
  client.setQueryData(shop, {});
  client.setQueryData(blog, {});
  stop = connectEvents(vi.fn());
  const end = refreshOnEvents(client);
  newest().says('migrations:changed', { connection: 'shop' });
  end();
  expect(client.getQueryState(shop)?.isInvalidated).toBe(true);
  expect(client.getQueryState(blog)?.isInvalidated).toBe(false);
});
