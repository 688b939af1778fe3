/** The batches of the list: what each takes of what is there, how it is called and which key starts it. */
import type { Connection, Migration } from '../../api/types.generated';
import { askRun, type RunQuestion } from '../../components/run/ask';
import { formatCount } from '../../lib/format';

export interface Batch {
  id: string;
  /** With the target, as every action names it. */
  label: string;
  keys: string;
  /** Why it cannot be started now; null where it can. */
  hindrance: string | null;
  run(): void;
}

interface Given {
  connection: Connection;
  /** All there are, oldest first. */
  migrations: Migration[];
  /** The row the keyboard is on. */
  active: Migration | undefined;
  chosen: Migration[];
  /** Choose none: what was chosen has run. */
  onDone(): void;
}

const names = (migrations: Migration[]) => migrations.map((one) => one.filename);
const isApplied = (one: Migration) => one.status === 'applied';

export function batchesOf({ connection, migrations, active, chosen, onDone }: Given): Batch[] {
  const on = connection.name;
  const picked = chosen.length > 0 ? chosen : active ? [active] : [];
  const waiting = picked.filter((one) => !isApplied(one));
  const applied = picked.filter(isApplied);
  const failed = migrations.filter((one) => one.status === 'failed');
  const pending = migrations.some((one) => !isApplied(one));
  const anyApplied = migrations.some(isApplied);
  const locked = connection.read_only ? `${on} is read-only.` : null;
  const these = chosen.length > 0 ? `${formatCount(chosen.length)} chosen` : 'this one';
  const ask = (question: Omit<RunQuestion, 'connection'>) => () =>
    askRun({ connection: connection.id, ...question, onEnd: (run) => run && onDone() });
  const unless = (fine: boolean, why: string) => locked ?? (fine ? null : why);
  // What is applied can only go back; where both are chosen, what is waiting is what is asked about.
  const seen = waiting.length > 0 ? waiting : applied.filter((one) => !one.flags.includes('missing_file'));
  const look = (rehearse: boolean) => () =>
    askRun({
      channel: waiting.length > 0 ? 'migration:up' : 'migration:down',
      connection: connection.id,
      versions: names(seen),
      looking: true,
      rehearse,
    });
  return [
    {
      id: 'preview-these',
      label: `Preview ${these} for ${on}`,
      keys: 'p',
      hindrance: seen.length > 0 ? null : 'There is no file to look at.',
      run: look(false),
    },
    {
      id: 'rehearse-these',
      label: `Rehearse ${these} for ${on}`,
      keys: 'shift+p',
      hindrance: seen.length > 0 ? null : 'There is no file to rehearse.',
      run: look(true),
    },
    {
      id: 'apply-all',
      label: `Apply all pending to ${on}`,
      keys: 'a',
      hindrance: unless(pending, 'Nothing is pending.'),
      run: ask({ channel: 'migration:up' }),
    },
    {
      id: 'apply-to-here',
      label: `Apply up to here on ${on}`,
      keys: 'shift+a',
      hindrance: unless(Boolean(active && !isApplied(active)), 'This one is applied.'),
      run: ask({ channel: 'migration:up', to: active?.filename }),
    },
    {
      id: 'apply-these',
      label: `Apply only ${these} to ${on}`,
      keys: 'o',
      hindrance: unless(waiting.length > 0, 'None of these is pending.'),
      run: ask({ channel: 'migration:up', versions: names(waiting) }),
    },
    {
      id: 'retry-failed',
      label: `Retry what failed on ${on}`,
      keys: 't',
      hindrance: unless(failed.length > 0, 'Nothing has failed.'),
      run: ask({ channel: 'migration:retry', versions: names(failed) }),
    },
    {
      id: 'roll-back-last',
      label: `Roll back the last ones on ${on}`,
      keys: 'r',
      hindrance: unless(anyApplied, 'Nothing is applied.'),
      run: ask({ channel: 'migration:down', count: 1, asksCount: true }),
    },
    {
      id: 'roll-back-to-here',
      label: `Roll back to here on ${on}, keeping this`,
      keys: 'shift+r',
      hindrance: unless(
        Boolean(active && isApplied(active) && newerApplied(migrations, active)),
        'Nothing newer is applied.',
      ),
      run: ask({ channel: 'migration:down', to: active?.filename }),
    },
    {
      id: 'roll-back-these',
      label: `Roll back only ${these} on ${on}`,
      keys: 'u',
      hindrance: unless(applied.length > 0, 'None of these is applied.'),
      run: ask({ channel: 'migration:down', versions: names(applied) }),
    },
    {
      id: 'redo',
      label: `Redo this one on ${on}: roll back, then apply`,
      keys: 'e',
      hindrance: unless(Boolean(active && isApplied(active)), 'This one is not applied.'),
      run: ask({ channel: 'migration:redo', versions: active ? [active.filename] : [] }),
    },
    {
      id: 'mark-applied',
      label: `Mark ${these} as applied on ${on}`,
      keys: 'm',
      hindrance: unless(waiting.length > 0, 'None of these is pending.'),
      run: ask({ channel: 'migration:baseline', versions: names(waiting), mark: 'applied' }),
    },
    {
      id: 'mark-not-applied',
      label: `Mark ${these} as not applied on ${on}`,
      keys: 'shift+m',
      hindrance: unless(applied.length > 0, 'None of these is applied.'),
      run: ask({ channel: 'migration:baseline', versions: names(applied), mark: 'not_applied' }),
    },
  ];
}

/** Those up to a row, which `mark applied up to here` takes. */
export const waitingUpTo = (migrations: Migration[], last: Migration) =>
  migrations
    .slice(0, migrations.findIndex((one) => one.filename === last.filename) + 1)
    .filter((one) => !isApplied(one));

export function newerApplied(migrations: Migration[], one: Migration): boolean {
  const at = migrations.findIndex((other) => other.filename === one.filename);
  return migrations.slice(at + 1).some(isApplied);
}
