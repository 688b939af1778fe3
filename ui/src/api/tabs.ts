/** The open tabs: one a connection. Kept here while the app runs, and in the settings for the next start. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { forgetKept } from '../lib/kept';
import { goTo, TAB_SWITCH } from '../lib/navigation';
import { pageOf, paths } from '../lib/paths';
import { createStore, useStore } from '../lib/store';
import { moveTab, neighbour, readTabs, successor, type Tab, visit, without } from '../lib/tabs';
import { useConnections } from './connections';
import { rememberUi, useSettings } from './settings';

/** Null until the settings of last time are known. */
const openTabs = createStore<Tab[] | null>(null);

/** Closed ones, the newest last: they can be opened again where they were. */
const closedTabs = createStore<Tab[]>([]);
const CLOSED_KEPT = 10;

/** The last address of each page of each connection, so that going back to it finds its filters. */
const places = new Map<string, string>();

export const useTabs = (): Tab[] => useStore(openTabs) ?? [];
export const useClosedTabs = (): Tab[] => useStore(closedTabs);

const tabOf = (connection: string) => openTabs.get()?.find((tab) => tab.connection === connection) ?? null;

/** Where a connection is looked at: the place its tab was left at, else `otherwise`. */
export const placeOfTab = (connection: string, otherwise = paths.landing(connection)): string =>
  tabOf(connection)?.path ?? otherwise;

/** The page of a connection as it was left, filters and all. */
export const placeOfPage = (connection: string, page: string, otherwise: string): string =>
  places.get(`${connection} ${page}`) ?? otherwise;

/** Look at a connection: its tab where there is one, else a new one. */
export function showConnection(connection: string, otherwise?: string): void {
  goTo(placeOfTab(connection, otherwise), { state: TAB_SWITCH });
}

/** A tab that waits in the background. */
export function openInBackground(connection: string): void {
  openTabs.set((tabs) =>
    tabOf(connection) ? tabs : visit(tabs ?? [], connection, paths.landing(connection)),
  );
}

const setTabs = (change: (tabs: Tab[]) => Tab[]) => openTabs.set((tabs) => (tabs ? change(tabs) : tabs));

export function closeTab(connection: string, current: string | null): void {
  const tab = tabOf(connection);
  const tabs = openTabs.get();
  if (!tab || !tabs) return;
  const next = successor(tabs, connection);
  closedTabs.set((before) => [...without(before, connection), tab].slice(-CLOSED_KEPT));
  forgetKept(connection);
  for (const key of [...places.keys()]) if (key.startsWith(`${connection} `)) places.delete(key);
  setTabs((now) => without(now, connection));
  if (connection === current) goTo(next?.path ?? paths.connections, { state: TAB_SWITCH });
}

export function closeTabs(connections: string[], current: string | null): void {
  const staying = openTabs.get()?.filter((tab) => !connections.includes(tab.connection)) ?? [];
  const leaves = current !== null && connections.includes(current);
  for (const one of connections) closeTab(one, null);
  if (leaves) goTo(staying[0]?.path ?? paths.connections, { state: TAB_SWITCH });
}

export function reopenTab(): void {
  const tab = closedTabs.get().at(-1);
  if (!tab) return;
  closedTabs.set((before) => before.slice(0, -1));
  setTabs((tabs) => visit(tabs, tab.connection, tab.path));
  goTo(tab.path, { state: TAB_SWITCH });
}

/** To the tab `by` places further, going round. */
export function stepTab(current: string | null, by: number): void {
  const tab = neighbour(openTabs.get() ?? [], current, by);
  if (tab && tab.connection !== current) goTo(tab.path, { state: TAB_SWITCH });
}

/** To the tab at this place, counted from 0; -1 is the last. */
export function showTabAt(at: number): void {
  const tab = openTabs.get()?.at(at);
  if (tab) goTo(tab.path, { state: TAB_SWITCH });
}

export function placeTab(connection: string, to: number): void {
  setTabs((tabs) => moveTab(tabs, connection, to));
}

/** Keep the tabs in step with the address, and remember them. The frame calls it, once. */
export function useKeepTabs(): void {
  const client = useQueryClient();
  const settings = useSettings();
  const connections = useConnections().data?.connections;
  const { pathname, search } = useLocation();
  const tabs = useStore(openTabs);
  const ready = tabs !== null;

  useEffect(() => {
    if (!settings || !connections) return;
    const known = new Set(connections.map((one) => one.id));
    openTabs.set((now) => {
      const kept = readTabs(now ?? settings.ui.tabs, known);
      return now && kept.length === now.length ? now : kept;
    });
    closedTabs.set((now) => now.filter((tab) => known.has(tab.connection)));
  }, [settings, connections]);

  useEffect(() => {
    const place = pageOf(pathname);
    if (!ready || !place || !connections?.some((one) => one.id === place.connection)) return;
    places.set(`${place.connection} ${place.page}`, pathname + search);
    setTabs((now) => visit(now, place.connection, pathname + search));
  }, [ready, connections, pathname, search]);

  useEffect(() => {
    if (tabs) remember(client, tabs);
  }, [client, tabs]);

  useEffect(
    () => () => {
      openTabs.set(null);
      closedTabs.set([]);
      places.clear();
    },
    [],
  );
}

function remember(client: QueryClient, tabs: Tab[]): void {
  const stored = client.getQueryData<{ ui: { tabs?: Tab[] } }>(['settings:get', {}])?.ui.tabs;
  if (JSON.stringify(stored ?? []) !== JSON.stringify(tabs)) rememberUi(client, { tabs });
}
