/** What happened, in words: the same for the dashboard, the timeline and the page of all connections. Pure. */
import type { EventStatus, RunSummary, TimelineEvent } from '../../api/types.generated';
import { formatCount, plural } from '../../lib/format';

/** A filename as people call it: `20260117120000_create_users.sql` is create_users. */
export function nameOf(filename: string): string {
  const bare = filename.replace(/^\d+[-_.]?/, '').replace(/\.(sql|[cm]?[jt]s)$/i, '');
  return bare || filename;
}

/** What became of a run, as the timeline calls it. */
export function statusOfRun(run: Pick<RunSummary, 'state' | 'kind' | 'direction'>): EventStatus {
  if (run.state !== 'ok') return run.state as EventStatus;
  if (run.kind === 'baseline') return 'marked';
  return run.direction === 'down' ? 'rolled_back' : 'applied';
}

interface Happened {
  status: EventStatus;
  kind: string;
  direction: string;
  total: number;
  done: number;
  /** The first filenames. */
  names: string[];
  /** The file that stopped it. */
  failed?: string | null;
}

export const ofRun = (run: RunSummary): Happened => ({
  status: statusOfRun(run),
  kind: run.kind,
  direction: run.direction,
  total: run.files,
  done: run.done,
  names: run.names,
  failed: run.problem ? (run.problem.split(': ')[0] ?? null) : null,
});

export const ofEvent = (event: TimelineEvent): Happened => ({
  status: event.status,
  kind: event.kind,
  direction: event.direction,
  total: event.files_total,
  done: event.files_done,
  names: event.files.map((one) => one.filename),
  failed: event.problem?.filename,
});

/** "Applied create_users", "Rolled back 3 migrations", "Failed at add_index". */
export function titleOf(one: Happened): string {
  const [first] = one.names;
  const things = one.total === 1 && first ? nameOf(first) : plural(one.total, 'migration');
  const again = one.kind === 'redo' ? ' again' : one.kind === 'retry' ? ' on another try' : '';
  if (one.kind === 'restore')
    return one.status === 'applied' || one.status === 'rolled_back' || one.status === 'marked'
      ? 'Restored a backup'
      : one.status === 'running'
        ? 'Restoring a backup'
        : 'A restore failed';
  if (one.kind === 'clean_up' && (one.status === 'applied' || one.status === 'rolled_back'))
    return `Cleaned up ${things}`;
  if (one.kind === 'remainder' && one.status === 'applied') return `Applied the remainder of ${things}`;
  switch (one.status) {
    case 'applied':
      return `Applied ${things}${again}`;
    case 'rolled_back':
      return `Rolled back ${things}${one.kind === 'redo' ? ' to run it again' : ''}`;
    case 'marked':
      return `Marked ${things} as ${one.direction === 'down' ? 'not applied' : 'applied'}`;
    case 'running':
      return `${one.direction === 'down' ? 'Rolling back' : 'Applying'} ${things}`;
    case 'elsewhere':
      return `${one.total === 1 && first ? nameOf(first) : plural(one.total, 'migration')} applied by another tool`;
    case 'failed':
      return one.failed ? `Failed at ${nameOf(one.failed)}` : `Failed: ${things}`;
    case 'interrupted':
      return one.failed ? `Interrupted at ${nameOf(one.failed)}` : `Interrupted: ${things}`;
    case 'cancelled':
      return `Cancelled: ${things}`;
  }
}

/** What stands under the title: how far it came, or the first names. */
export function subtitleOf(one: Happened): string {
  const names = one.names.slice(0, 3).map(nameOf).join(', ');
  const rest = one.total > 3 ? ` and ${formatCount(one.total - 3)} more` : '';
  const done = one.direction === 'down' ? 'rolled back' : 'applied';
  if (one.status === 'failed' || one.status === 'interrupted' || one.status === 'cancelled') {
    if (one.total === 1) return one.direction === 'down' ? 'It stays applied' : 'It is not applied';
    return one.done === 0
      ? `None of ${formatCount(one.total)} ${done}`
      : `${one.done} of ${one.total} ${done}`;
  }
  return one.total > 1 ? `${names}${rest}` : '';
}

/** Which look: a new connection's history is full of words that only differ in the status. */
export type Tone = 'green' | 'amber' | 'red' | 'blue' | 'violet' | 'gray';

export const EVENT_WORDS: Record<EventStatus, { word: string; tone: Tone }> = {
  applied: { word: 'Applied', tone: 'green' },
  rolled_back: { word: 'Rolled back', tone: 'gray' },
  marked: { word: 'Marked', tone: 'violet' },
  failed: { word: 'Failed', tone: 'red' },
  cancelled: { word: 'Cancelled', tone: 'gray' },
  interrupted: { word: 'Interrupted', tone: 'red' },
  running: { word: 'Running', tone: 'blue' },
  elsewhere: { word: 'Another tool', tone: 'violet' },
};

/** "100%", "99.6%", "0%": never rounded up to a perfection it is not. */
export function formatRate(rate: { good: number; total: number }): string {
  const percent = (rate.good / rate.total) * 100;
  if (percent === 100 || percent === 0) return `${percent}%`;
  return percent > 99 ? `${(Math.floor(percent * 10) / 10).toFixed(1)}%` : `${Math.round(percent)}%`;
}

/** Up to two letters for a person. */
export function initialsOf(name: string): string {
  const parts = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0]?.[0], parts.at(-1)?.[0]] : [parts[0]?.[0], parts[0]?.[1]];
  return letters.join('').toUpperCase();
}
