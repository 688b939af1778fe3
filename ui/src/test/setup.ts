/** What jsdom lacks and the components ask for. */
import '@testing-library/jest-dom/vitest';
import { notifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { menuAsked } from '../lib/contextMenu';
import { forgetKept } from '../lib/kept';

class NoObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

class SilentEventSource {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  close() {}
}

// A busy machine is no reason for a red test: what is waited for is waited for long enough.
configure({ asyncUtilTimeout: 15_000 });

vi.stubGlobal('ResizeObserver', NoObserver);
vi.stubGlobal('IntersectionObserver', NoObserver);
vi.stubGlobal('EventSource', SilentEventSource);
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    dispatchEvent: () => false,
  }) as MediaQueryList;
// jsdom lays nothing out; lists that render only what is in sight need a size to look through.
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 600 });
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => 800 });
Object.defineProperty(document, 'fonts', { value: new EventTarget() });
Element.prototype.scrollIntoView = () => undefined;

afterEach(() => {
  notifications.clean();
  menuAsked.set(null);
  forgetKept();
  cleanup();
  document.body.innerHTML = '';
});
