/** Rates, stretches of time and kinds in words. Pure. */
import type { Rate } from '../../api/types.generated';
import { formatCount, plural } from '../../lib/format';

/** 98.2 %; never rounded up to 100. */
export function formatRate(rate: number | null): string {
  if (rate === null) return 'None yet';
  const percent = rate < 1 ? Math.min(rate * 100, 99.9) : 100;
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`;
}

export const madeOf = (rate: Rate, one: string, many?: string) =>
  rate.tried === 0 ? `No ${one} in this time` : `${formatCount(rate.ok)} of ${plural(rate.tried, one, many)}`;

const SHORT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** The label of a stretch that begins on this day. */
export function labelOf(start: string, bucket: string): string {
  const day = new Date(`${start}T00:00:00Z`);
  if (bucket === 'year') return start.slice(0, 4);
  return bucket === 'month' ? MONTH.format(day) : SHORT.format(day);
}

export const BUCKETS: Record<string, string> = {
  day: 'Day',
  week: 'Week from',
  month: 'Month',
  year: 'Year',
};

/** What a migration of that kind does. */
export const KINDS: Record<string, string> = {
  type_change: 'Changes a type',
  rows_changed: 'Changes rows',
  index: 'Builds an index',
  constraint: 'Adds a constraint',
  rows_added: 'Adds rows',
  add_column: 'Adds a column',
  alter: 'Alters a table',
  create_table: 'Creates a table',
  drop: 'Drops something',
  object: 'Creates a view, function or type',
  other: 'Something else',
  unread: 'Cannot be read',
};

export const WHY: Record<string, string> = {
  outlier: 'took unusually long',
  failed: 'failed',
  slow: 'among the slowest',
};
