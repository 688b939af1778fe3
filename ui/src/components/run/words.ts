/** How runs are spoken of: the same words in the sheet, the panel and the buttons. Pure. */
import type { LiveJob } from '../../api/jobs';
import type { Run } from '../../api/types.generated';
import { formatCount, formatDuration, plural } from '../../lib/format';
import type { RunQuestion } from './ask';

/** "Apply 3 to shop", as the button says it. */
export function actionLabel(question: RunQuestion, many: number, target: string): string {
  const count = formatCount(many);
  if (question.save) return `Save & apply ${count} to ${target}`;
  switch (question.channel) {
    case 'migration:down':
      return `Roll back ${count} on ${target}`;
    case 'migration:retry':
      return `Retry ${count} on ${target}`;
    case 'migration:redo':
      return `Redo on ${target}`;
    case 'migration:baseline':
      return `Mark ${count} as ${question.mark === 'not_applied' ? 'not applied' : 'applied'} on ${target}`;
    case 'migration:resume':
      return question.direction === 'down'
        ? `Resume: roll back ${count} on ${target}`
        : `Resume: apply ${count} to ${target}`;
    default:
      return `Apply ${count} to ${target}`;
  }
}

const DOING: Record<string, string> = {
  'migration:up': 'Applying to',
  'migration:down': 'Rolling back on',
  'migration:retry': 'Retrying on',
  'migration:redo': 'Redoing on',
  'migration:baseline': 'Marking on',
  'migration:resume': 'Resuming on',
  'database:create': 'Creating the database of',
  'database:drop': 'Dropping the database of',
  'database:wait': 'Waiting for',
  'schema:dump': 'Writing the schema of',
  'schema:load': 'Loading the schema into',
  'connection:sample': 'Making the sample',
};

export const doing = (channel: string, target: string) =>
  `${DOING[channel] ?? 'Working on'} ${target}`.trim();

/** What a run did, in one line: "Applied 3 in 1.2 s". */
export function outcomeOf(job: LiveJob, run: Run | null): string {
  const time = formatDuration(run?.duration_ms ?? elapsedOf(job));
  const within = time ? ` in ${time}` : '';
  if (!run) return job.state === 'done' ? `Done${within}` : endWord(job);
  const applied = run.migrations.filter((one) => one.status === 'applied').length;
  const undone = run.migrations.filter((one) => one.status === 'rolled_back').length;
  if (job.channel === 'migration:baseline') {
    const count = applied + undone;
    return `Marked ${formatCount(count)} as ${run.direction === 'up' ? 'applied' : 'not applied'}`;
  }
  if (job.state === 'done' && applied + undone === 0) return 'There was nothing to do';
  const parts = [
    undone > 0 && `rolled back ${formatCount(undone)}`,
    applied > 0 && `applied ${formatCount(applied)}`,
  ].filter(Boolean);
  const done = parts.join(', ');
  if (job.state === 'done') return `${done.charAt(0).toUpperCase()}${done.slice(1)}${within}`;
  const before = done ? `; before that, ${done}` : '';
  return `${endWord(job)}${within}${before}`;
}

const endWord = (job: LiveJob) => (job.state === 'cancelled' ? 'Cancelled' : 'Failed');

/** The Run in a job's result or in its error. */
export function runOf(job: LiveJob): Run | null {
  const found =
    job.state === 'done' ? job.result : (job.error?.details as { run?: unknown } | undefined)?.run;
  return isRunShape(found) ? found : null;
}

const isRunShape = (value: unknown): value is Run =>
  typeof value === 'object' && value !== null && 'migrations' in value && 'direction' in value;

/** How long it took; null where that was not measured. Never from the system's clock, which may be set meanwhile. */
export const elapsedOf = (job: LiveJob): number | null => job.duration_ms ?? null;

/** How the engine treats a failed file; null where it is not known. */
export interface Leftovers {
  /** The file ran in a transaction that the database rolls back whole. */
  rolledBack: boolean | null;
  /** The schema was compared before and after. */
  compared: boolean;
}

/** What a failure means for the data, in plain words, claiming no more than is known. */
export function meaningOf(run: Run, { rolledBack, compared }: Leftovers): string {
  const failed = run.migrations.find((one) => one.status === 'failed');
  const rest = run.migrations.filter((one) => one.status === 'not_run').length;
  const after =
    rest > 0 ? ` ${plural(rest, 'migration')} after it ${rest === 1 ? 'was' : 'were'} not run.` : '';
  if (!failed) return `Nothing is half done.${after}`;
  if ((failed.error?.details as { unknown?: boolean } | undefined)?.unknown)
    return `What became of it is unknown until the database answers again.${after}`;
  if (failed.landed.length > 0)
    return `It was not rolled back as a whole. This stayed in the database:${after}`;
  if (rolledBack)
    return `It ran in a transaction, which the database rolled back: nothing of it stayed.${after}`;
  if (rolledBack === null) return after.trim();
  if (compared)
    return `The schema is as it was before. Rows that it changed before it stopped may have stayed.${after}`;
  return `This database does not roll a failed migration back, so parts of it may have stayed.${after}`;
}

/** Where the failure is: the file, and the line counted in it. */
export function placeOf(job: LiveJob, run: Run | null): { file: string; line: number | null } | null {
  const failed = run?.migrations.find((one) => one.status === 'failed');
  const details = {
    ...((failed?.error?.details as Record<string, unknown> | undefined) ?? {}),
    ...((job.error?.details as Record<string, unknown> | undefined) ?? {}),
  };
  const named = typeof details.file === 'string' ? details.file.split(/[\\/]/).at(-1) : undefined;
  const [first] = Array.isArray(details.files) ? details.files : [];
  const file = named ?? failed?.filename ?? (typeof first === 'string' ? first : undefined);
  if (!file) return null;
  const [problem] = Array.isArray(details.problems)
    ? (details.problems as Array<{ line?: number | null }>)
    : [];
  const line = typeof details.line === 'number' ? details.line : (problem?.line ?? null);
  return { file, line };
}
