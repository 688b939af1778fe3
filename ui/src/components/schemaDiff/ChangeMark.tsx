/** What happened to an object: a sign, a colour and a word. */
import { IconArrowRight, IconMinus, IconPlus, IconTilde } from '@tabler/icons-react';
import badges from '../badges.module.css';
import classes from './schemaDiff.module.css';
import type { ChangeWord } from './tree';

const MARKS: Record<ChangeWord, { icon: typeof IconPlus; tone: string; word: string }> = {
  added: { icon: IconPlus, tone: 'green', word: 'Added' },
  removed: { icon: IconMinus, tone: 'red', word: 'Removed' },
  changed: { icon: IconTilde, tone: 'amber', word: 'Changed' },
  renamed: { icon: IconArrowRight, tone: 'blue', word: 'Renamed' },
};

export const CHANGE_WORDS = Object.keys(MARKS) as ChangeWord[];

export function ChangeMark({ change }: { change: ChangeWord }) {
  const { icon: Icon, tone, word } = MARKS[change];
  return (
    <span className={`${classes.mark} ${badges[tone]}`}>
      <Icon size={12} stroke={2.6} aria-label={word} />
    </span>
  );
}

/** "+ 3 added": for the summary. */
export function ChangeCount({ change, count }: { change: ChangeWord; count: number }) {
  return (
    <span className={classes.count}>
      <ChangeMark change={change} />
      <b className="tabular">{count.toLocaleString('en-US')}</b> {MARKS[change].word.toLowerCase()}
    </span>
  );
}

/** Signs and numbers alone, at a group. */
export function ChangeCounts({ counts }: { counts: Record<ChangeWord, number> }) {
  return (
    <span className={classes.groupCounts}>
      {CHANGE_WORDS.filter((one) => counts[one] > 0).map((one) => (
        <span key={one} className={classes.count}>
          <ChangeMark change={one} />
          <span className="tabular">{counts[one]}</span>
        </span>
      ))}
    </span>
  );
}
