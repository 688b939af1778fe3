/** The settings, and what the screens remember in them (`ui`). */
import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { invoke } from './invoke';
import { channelKey, useChannel } from './queries';
import type { Settings } from './types.generated';

const KEY = channelKey('settings:get', {});
const SAVE_AFTER_MS = 400;

export function useSettings(): Settings | undefined {
  return useChannel('settings:get', {}, { staleTime: Number.POSITIVE_INFINITY }).data;
}

/** A remembered value of the screens, e.g. a width. Setting shows at once and is saved a moment later. */
export function useRemembered<T>(name: string, initial: T): [T, (value: T) => void] {
  const client = useQueryClient();
  const settings = useSettings();
  const stored = settings?.ui[name];
  const remember = useCallback((value: T) => rememberUi(client, { [name]: value }), [client, name]);
  return [stored === undefined || stored === null ? initial : (stored as T), remember];
}

let pending: Record<string, unknown> = {};
let timer: ReturnType<typeof setTimeout> | undefined;

export function rememberUi(client: QueryClient, changes: Record<string, unknown>): void {
  const before = client.getQueryData<Settings>(KEY);
  if (before && Object.entries(changes).every(([name, value]) => before.ui[name] === value)) return;
  client.setQueryData<Settings>(KEY, (now) => now && { ...now, ui: { ...now.ui, ...changes } });
  pending = { ...pending, ...changes };
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_AFTER_MS);
}

function save(): void {
  clearTimeout(timer);
  const ui = pending;
  if (Object.keys(ui).length === 0) return;
  pending = {};
  // What is remembered is a comfort: losing it is no error worth a message.
  void invoke('settings:update', { changes: { ui } }).catch(() => undefined);
}

// The window closes, or the page is loaded anew: what was not saved yet goes along.
window.addEventListener('pagehide', save);
