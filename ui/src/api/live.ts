/** What this page shows: while it is visible, the backend looks whether others changed those databases. */
import { useEffect } from 'react';
import { invoke, isWindowShell } from './invoke';

const RENEW_MS = 4000;
const page = crypto.randomUUID();

/** How many mounted components show each connection. */
const shown = new Map<string, number>();
let timer: ReturnType<typeof setTimeout> | undefined;
let soon: ReturnType<typeof setTimeout> | undefined;
let listens = false;
let saidNothing = true;

const isVisible = () => document.visibilityState !== 'hidden';

function say(): void {
  clearTimeout(timer);
  const visible = isVisible() && shown.size > 0;
  if (!visible && saidNothing) return;
  saidNothing = !visible;
  // What others do appears later then; that is no error worth a message.
  void invoke('live:watch', { page, connections: visible ? [...shown.keys()] : [], visible }).catch(
    () => undefined,
  );
  if (visible) timer = setTimeout(say, RENEW_MS);
}

/** Several components that come and go at once say it once. */
function saySoon(): void {
  clearTimeout(soon);
  soon = setTimeout(say, 30);
}

/** The last word of a page that is left. In the window no call would arrive any more: there the lease runs out. */
function leave(): void {
  clearTimeout(timer);
  if (saidNothing || isWindowShell()) return;
  saidNothing = true;
  const word = new Blob([JSON.stringify({ page, connections: [], visible: false })], {
    type: 'application/json',
  });
  navigator.sendBeacon?.('/rpc/live:watch', word);
}

function listen(): void {
  if (listens) return;
  listens = true;
  document.addEventListener('visibilitychange', say);
  window.addEventListener('pagehide', leave);
  window.addEventListener('pageshow', saySoon);
}

/** While this is mounted, changes by others to these connections' databases are told by events within two seconds. */
export function useWatched(connections: ReadonlyArray<string>): void {
  const key = [...new Set(connections)].sort().join('\n');
  useEffect(() => {
    const ids = key ? key.split('\n') : [];
    listen();
    for (const id of ids) shown.set(id, (shown.get(id) ?? 0) + 1);
    saySoon();
    return () => {
      for (const id of ids) {
        const left = (shown.get(id) ?? 1) - 1;
        if (left > 0) shown.set(id, left);
        else shown.delete(id);
      }
      saySoon();
    };
  }, [key]);
}
