/** Going to a page from outside the pages: a toast, an event, a tab. The frame lends its router. */
import type { NavigateFunction, NavigateOptions } from 'react-router';

let navigate: NavigateFunction | null = null;

/** The frame gives its `navigate` while it stands; returns how to take it back. */
export function lendNavigate(lent: NavigateFunction): () => void {
  navigate = lent;
  return () => {
    if (navigate === lent) navigate = null;
  };
}

export function goTo(path: string, options?: NavigateOptions): void {
  if (navigate) void navigate(path, options);
  else window.location.assign(path);
}

/** Put on a change to another tab: the page that is left stays where it is, with its draft, so it need not ask. */
export const TAB_SWITCH = { tabSwitch: true };

export const isTabSwitch = (location: { state?: unknown }): boolean =>
  (location.state as { tabSwitch?: boolean } | null)?.tabSwitch === true;
