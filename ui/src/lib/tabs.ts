/** The connections that are open side by side, one tab each, and the place each was left at. Pure. */

export interface Tab {
  connection: string;
  /** The address it was left at, with its filters. */
  path: string;
}

/** What was remembered, as tabs: what is no tab, or of a connection that is gone, is left out. */
export function readTabs(stored: unknown, known: ReadonlySet<string>): Tab[] {
  if (!Array.isArray(stored)) return [];
  const tabs: Tab[] = [];
  for (const one of stored as Array<Partial<Tab> | null>) {
    if (typeof one?.connection !== 'string' || typeof one.path !== 'string') continue;
    if (known.has(one.connection) && !tabs.some((tab) => tab.connection === one.connection))
      tabs.push({ connection: one.connection, path: one.path });
  }
  return tabs;
}

/** The connection is looked at, at this address: its tab moves there; a new one stands at the end. */
export function visit(tabs: Tab[], connection: string, path: string): Tab[] {
  const at = tabs.findIndex((tab) => tab.connection === connection);
  if (at < 0) return [...tabs, { connection, path }];
  return tabs[at]?.path === path ? tabs : tabs.with(at, { connection, path });
}

export const without = (tabs: Tab[], connection: string): Tab[] =>
  tabs.filter((tab) => tab.connection !== connection);

/** The tab that takes over where one is closed: the one to its right, else to its left. */
export function successor(tabs: Tab[], connection: string): Tab | null {
  const at = tabs.findIndex((tab) => tab.connection === connection);
  return tabs[at + 1] ?? tabs[at - 1] ?? null;
}

/** The tab `by` places further, going round. */
export function neighbour(tabs: Tab[], connection: string | null, by: number): Tab | null {
  if (tabs.length === 0) return null;
  const at = tabs.findIndex((tab) => tab.connection === connection);
  if (at < 0) return (by > 0 ? tabs[0] : tabs.at(-1)) ?? null;
  return tabs[(at + by + tabs.length) % tabs.length] ?? null;
}

/** The tab at another place; beyond the ends it stays at the end. */
export function moveTab(tabs: Tab[], connection: string, to: number): Tab[] {
  const from = tabs.findIndex((tab) => tab.connection === connection);
  const place = Math.max(0, Math.min(to, tabs.length - 1));
  if (from < 0 || from === place) return tabs;
  const moved = without(tabs, connection);
  moved.splice(place, 0, tabs[from] as Tab);
  return moved;
}

/** Which tabs stand in the strip and which in its menu: the open one is always seen. */
export function fitTabs(tabs: Tab[], current: string | null, width: number, least: number, menu: number) {
  const room = width <= 0 ? tabs.length : Math.floor(width / least);
  if (tabs.length <= room) return { shown: tabs, hidden: [] as Tab[] };
  const places = Math.max(1, Math.floor((width - menu) / least));
  const shown = tabs.slice(0, places);
  const open = tabs.findIndex((tab) => tab.connection === current);
  if (open >= places) shown[places - 1] = tabs[open] as Tab;
  return { shown, hidden: tabs.filter((tab) => !shown.includes(tab)) };
}
