/** Runs in words. Pure. */
import type { HistoryRun } from '../../api/types.generated';
import { OUTCOME_WORDS } from '../../components/OutcomeBadge';
import { plural } from '../../lib/format';

const KINDS: Record<string, string> = {
  up: 'Apply',
  down: 'Roll back',
  retry: 'Retry',
  redo: 'Redo',
  baseline: 'Mark without running',
  restore: 'Restore a backup',
  remainder: 'Run the remainder',
  clean_up: 'Clean up',
};

export const kindOf = (kind: string) => KINDS[kind] ?? kind;

/** "Apply", "Redo, rolling back", "Mark as not applied". */
export function whatOf(run: Pick<HistoryRun, 'kind' | 'direction'>): string {
  if (run.kind === 'redo') return run.direction === 'down' ? 'Redo, rolling back' : 'Redo, applying';
  if (run.kind === 'baseline') return run.direction === 'down' ? 'Mark as not applied' : 'Mark as applied';
  return kindOf(run.kind);
}

const ORDER = ['failed', 'interrupted', 'applied', 'rolled_back', 'not_run', 'running'];

/** "2 applied, 1 failed". */
export function countsOf(counts: Record<string, number>): string {
  return Object.entries(counts)
    .toSorted(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b))
    .map(([status, count]) => `${count} ${(OUTCOME_WORDS[status] ?? status).toLowerCase()}`)
    .join(', ');
}

/** The files of a row: the first by name, how many more. */
export function filesOf(run: HistoryRun): { first: string; more: string | null } {
  const [first] = run.files;
  const others = run.file_count - 1;
  return {
    first: first?.filename ?? 'No files',
    more: others > 0 ? `and ${plural(others, 'more', 'more')}` : null,
  };
}

export const CLOCKS: Record<string, string> = {
  backwards: 'The machine’s clock was set back while it ran: the times cannot be trusted.',
  future: 'The recorded time lies in the future: the machine’s clock was wrong.',
  unknown: 'The recorded time cannot be read.',
};
