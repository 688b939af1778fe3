/** The title of the window and its icon say which connection, on which page, and how its run goes. */
import { useEffect } from 'react';
import type { LiveJob } from '../api/jobs';
import { isRun, useJobs } from '../api/jobs';
import type { Connection } from '../api/types.generated';
import { pageTitle } from '../lib/asked';
import { useStore } from '../lib/store';

export type Mark = 'running' | 'failed' | 'production' | null;

export function useTitle(connection: Connection | null): void {
  const title = useStore(pageTitle);
  const runs = useJobs().filter(isRun);
  const running = runs.find((job) => job.state === 'running');
  const words = titleOf(title, connection, running);
  useEffect(() => {
    document.title = words;
  }, [words]);
  const last = connection && runs.find((job) => job.connection === connection.id);
  const mark: Mark = running
    ? 'running'
    : last?.state === 'failed'
      ? 'failed'
      : connection?.environment === 'production'
        ? 'production'
        : null;
  useEffect(() => showIcon(mark), [mark]);
}

/** "▶ 2/5 Migrations – shop – DB Toolkit". */
export function titleOf(page: string, connection: Connection | null, running?: LiveJob): string {
  const progress = running ? `▶ ${running.total ? `${running.done}/${running.total} ` : ''}` : '';
  const parts = [page, connection?.name, 'DB Toolkit'].filter(
    (part, at, all) => part && all.indexOf(part) === at,
  );
  return progress + parts.join(' – ');
}

const COLORS = { running: '#2f8ee6', failed: '#c62f26', production: '#c62f26' };

// As public/icon.svg has them.
const DISCS = [
  'M9 10.500C9 8.600 12.100 7 16 7s7 1.600 7 3.500-3.100 3.500-7 3.500-7-1.600-7-3.500z" fill="#fff',
  'M9 13.800c1.300 1.500 4 2.400 7 2.400s5.700-.9 7-2.400v3c0 1.900-3.100 3.500-7 3.500s-7-1.600-7-3.500z" fill="#fff" opacity=".82',
  'M9 20.100c1.300 1.500 4 2.400 7 2.400s5.700-.9 7-2.400v1.400C23 23.400 19.900 25 16 25s-7-1.600-7-3.500z" fill="#fff" opacity=".6',
]
  .map((part) => `<path d="${part}"/>`)
  .join('');

let plain: string | null = null;

/** The app's own picture, with a spot for the state; production wears a red edge. */
function showIcon(mark: Mark): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!link) return;
  plain ??= link.getAttribute('href') ?? '/icon.svg';
  const href = mark ? `data:image/svg+xml,${encodeURIComponent(iconOf(mark))}` : plain;
  if (link.getAttribute('href') !== href) link.setAttribute('href', href);
}

function iconOf(mark: Exclude<Mark, null>): string {
  const ground = mark === 'production' ? COLORS.production : '#4f57d6';
  const spot =
    mark === 'production'
      ? ''
      : `<circle cx="24" cy="24" r="8" fill="#fff"/><circle cx="24" cy="24" r="6" fill="${COLORS[mark]}"/>`;
  const open = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">';
  return `${open}<rect width="32" height="32" rx="8" fill="${ground}"/>${DISCS}${spot}</svg>`;
}
