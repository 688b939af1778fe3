/** Backups in words. Pure. */
import type { Backup, BackupPlan, BackupReason, BackupSettings, Restored } from '../../api/types.generated';
import { formatBytes, formatCount, plural } from '../../lib/format';
import { nameOf } from '../overview/words';

export type When = BackupSettings['before_up'];

export const WHEN: Array<{ value: When; label: string }> = [
  { value: 'never', label: 'Never' },
  { value: 'production', label: 'On production only' },
  { value: 'always', label: 'Always' },
];

export const whenWords = (when: When) => WHEN.find((one) => one.value === when)?.label.toLowerCase() ?? when;

const REASONS: Record<BackupReason, string> = {
  manual: 'By hand',
  before_up: 'Before applying',
  before_down: 'Before rolling back',
  before_restore: 'Before a restore',
  before_repair: 'Before a clean-up',
};

export const reasonWord = (reason: BackupReason) => REASONS[reason];

/** "Before applying create_users and 2 more". */
export function whyOf({ reason, migrations }: Pick<Backup, 'reason' | 'migrations'>): string {
  const [first] = migrations;
  if (!first) return REASONS[reason];
  const more = migrations.length > 1 ? ` and ${formatCount(migrations.length - 1)} more` : '';
  const of = reason === 'before_repair' ? ' of' : '';
  return `${REASONS[reason]}${of} ${nameOf(first)}${more}`;
}

/** "6 tables, 1,204 rows"; what was not counted is not said. */
export function contentOf({ tables }: Pick<Backup, 'tables'>, engine: string): string {
  if (tables.length === 0) return 'Not counted';
  // Sequences and large objects are compared like tables, and are none.
  const real = tables.filter((one) => !one.table.startsWith('('));
  const rows = real.reduce((sum, one) => sum + one.rows, 0);
  return engine === 'mongodb'
    ? `${plural(real.length, 'collection')}, ${plural(rows, 'document')}`
    : `${plural(real.length, 'table')}, ${plural(rows, 'row')}`;
}

/** "the newest 20, for 90 days". */
export function keptWords({
  keep_count,
  keep_days,
}: Pick<BackupSettings, 'keep_count' | 'keep_days'>): string {
  if (keep_count === null && keep_days === null) return 'All, for ever';
  const count = keep_count === null ? 'All' : keep_count === 1 ? 'The newest' : `The newest ${keep_count}`;
  return keep_days === null ? count : `${count}, for ${plural(keep_days, 'day')}`;
}

/** "Up to 12 MB, 40 GB are free". */
export function planWords(plan: BackupPlan): string {
  const size = plan.needed_bytes === null ? 'Size not known' : `Up to ${formatBytes(plan.needed_bytes)}`;
  return plan.free_bytes === null ? size : `${size}, ${formatBytes(plan.free_bytes)} are free`;
}

export function provenWords(restored: Pick<Restored, 'equal' | 'checks'>): string {
  if (restored.checks.length === 0) return 'Nothing was compared.';
  return restored.equal
    ? 'What is there now is what the backup holds: both were read again and compared.'
    : 'What is there now is not all what the backup holds.';
}

export const CHECK_WORDS: Record<Restored['checks'][number]['what'], { name: string; equal: string }> = {
  schema: { name: 'Schema', equal: 'the same' },
  rows: { name: 'Rows', equal: 'as many in each table' },
  content: { name: 'Content', equal: 'the same in each table' },
};

const DOING: Record<string, string> = {
  'backup:create': 'Backing up',
  'backup:verify': 'Reading a backup of',
  'backup:restore': 'Restoring a backup of',
};

export const doingWord = (channel: string) => DOING[channel] ?? 'Working on';

const FAILED: Record<string, string> = {
  'backup:create': 'The backup was not made',
  'backup:verify': 'The backup was not read to its end',
  'backup:restore': 'The restore did not end well',
};

export const failedWord = (channel: string) => FAILED[channel] ?? 'It failed';
