/** A failure in words. Pure. */
import type {
  Direction,
  FailedStatement,
  Failure,
  Landed,
  Migration,
  RowChange,
  WayCode,
} from '../../api/types.generated';
import { formatCount, plural } from '../../lib/format';

export const STATE_WORDS: Record<Landed, { word: string; means: string }> = {
  landed: { word: 'Stayed', means: 'What it did is in the database.' },
  not_landed: { word: 'Not there', means: 'Nothing of it is in the database.' },
  unknown: { word: 'Not known', means: 'The database does not tell whether it is there.' },
};

export function titleOf({ direction, partial }: Pick<Failure, 'direction' | 'partial'>): string {
  const what = direction === 'down' ? 'Its rollback' : 'It';
  return partial ? `${what} stopped halfway` : `${what} failed`;
}

/** "2 of 5 statements stayed, 1 is not known". */
export function countsOf(statements: FailedStatement[]): string {
  const many = (state: Landed) => statements.filter((one) => one.state === state).length;
  const unknown = many('unknown');
  const stayed = `${formatCount(many('landed'))} of ${plural(statements.length, 'statement')} stayed`;
  return unknown > 0 ? `${stayed}, ${formatCount(unknown)} not known` : stayed;
}

export function rowsText({ before, after }: RowChange): string {
  const say = (count: number | null) => (count === null ? 'not counted' : formatCount(count));
  if (before === null && after !== null) return `${say(after)} now`;
  if (before === null || after === null) return `${say(before)} before, ${say(after)} now`;
  const change = after - before;
  return `${say(before)} before, ${say(after)} now (${change > 0 ? '+' : '−'}${formatCount(Math.abs(change))})`;
}

/** Whether there is something to tell of it, and a way out. */
export const hasFailed = ({ status, flags }: Pick<Migration, 'status' | 'flags'>) =>
  status === 'failed' || flags.includes('partial');

/** The button that takes a way, with its target. */
export function wayLabel(code: WayCode, target: string, direction: Direction): string {
  switch (code) {
    case 'retry':
      return direction === 'down' ? `Roll it back again on ${target}` : `Run it again on ${target}`;
    case 'run_remainder':
      return `Run the remainder on ${target}`;
    case 'clean_up':
      return `Clean up on ${target}`;
    case 'drop_invalid_indexes':
      return `Drop the invalid indexes on ${target}`;
    case 'restore':
      return `Restore ${target} from the backup`;
    case 'mark_applied':
      return `Mark as applied on ${target}`;
    case 'mark_not_applied':
      return `Mark as not applied on ${target}`;
  }
}

/** What a way does to the database beyond its own statements. */
export const changesNothing = (code: WayCode) => code === 'mark_applied' || code === 'mark_not_applied';
