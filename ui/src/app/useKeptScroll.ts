/** Where the parts of a page were scrolled to, for when the page is come back to. Any element that scrolls is kept. */
import { type RefObject, useEffect, useLayoutEffect } from 'react';
import { useLocation, useNavigationType } from 'react-router';

/** By address (without its query), then by element. */
const scrolled = new Map<string, Map<string, number>>();
const PATIENCE_MS = 3000;
/** Monaco draws its own. */
const NOT_OURS = '.monaco-editor, [role="menu"], [role="listbox"]';

export function useKeptScroll(page: RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const arrival = useNavigationType();

  useEffect(() => {
    const root = page.current;
    if (!root) return;
    const keep = (event: Event) => {
      const element = event.target;
      if (!(element instanceof HTMLElement) || element.closest(NOT_OURS)) return;
      const places = scrolled.get(pathname) ?? new Map<string, number>();
      scrolled.set(pathname, places.set(keyOf(element, root), element.scrollTop));
    };
    root.addEventListener('scroll', keep, { capture: true, passive: true });
    return () => root.removeEventListener('scroll', keep, { capture: true });
  }, [page, pathname]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each arrival at an address.
  useLayoutEffect(() => {
    const root = page.current;
    const places = new Map(scrolled.get(pathname));
    if (!root || places.size === 0) return;
    const until = performance.now() + PATIENCE_MS;
    let frame = 0;
    // Rows come with their data, so it is tried until they are there, or the user scrolls.
    const attempt = () => {
      for (const [key, top] of places) {
        const element = find(root, key);
        if (!element || element.scrollHeight - element.clientHeight < top) continue;
        element.scrollTop = top;
        places.delete(key);
      }
      if (places.size > 0 && performance.now() < until) frame = requestAnimationFrame(attempt);
    };
    const stop = () => cancelAnimationFrame(frame);
    attempt();
    for (const one of ['wheel', 'keydown', 'pointerdown'] as const)
      root.addEventListener(one, stop, { once: true });
    return () => {
      stop();
      for (const one of ['wheel', 'keydown', 'pointerdown'] as const) root.removeEventListener(one, stop);
    };
  }, [page, pathname, arrival]);
}

/** The way down to an element, or its name where it has one: the same again when the page is drawn anew. */
function keyOf(element: HTMLElement, root: HTMLElement): string {
  const name = element.getAttribute('aria-label');
  if (name) return `${element.tagName} ${name}`;
  const way: number[] = [];
  for (let one = element; one !== root && one.parentElement; one = one.parentElement)
    way.unshift([...one.parentElement.children].indexOf(one));
  return way.join('/');
}

function find(root: HTMLElement, key: string): HTMLElement | null {
  const [, tag, name] = /^([A-Z0-9]+) (.*)$/s.exec(key) ?? [];
  if (tag && name) return root.querySelector<HTMLElement>(`${tag}[aria-label="${CSS.escape(name)}"]`);
  let element: Element | undefined = root;
  for (const step of key.split('/')) element = element?.children[Number(step)];
  return element instanceof HTMLElement ? element : null;
}
