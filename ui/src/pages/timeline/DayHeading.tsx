/** A day, and how much happened on it. What has no date stands under "Before the ledger". */
import type { TimelineDay } from '../../api/types.generated';
import { formatCount, plural } from '../../lib/format';
import classes from './timeline.module.css';
import { dayWords } from './zoom';

interface Props {
  day: TimelineDay | undefined;
  today: string;
  /** The copy that stays in sight: no second heading for screen readers. */
  bare?: boolean;
}

export function DayHeading({ day, today, bare = false }: Props) {
  if (!day) return null;
  const words = dayWords(day.day, today);
  return (
    <div className={classes.day}>
      {bare ? <span className={classes.dayName}>{words}</span> : <h2 className={classes.dayName}>{words}</h2>}
      <span className={`tabular faint ${classes.dayNote}`}>
        {day.day === null
          ? 'Recorded as applied in the migrations table; other tools ran them, and the table keeps no time.'
          : plural(day.count, 'event')}
        {day.failed > 0 && <span className={classes.dayFailed}> · {formatCount(day.failed)} failed</span>}
      </span>
    </div>
  );
}
