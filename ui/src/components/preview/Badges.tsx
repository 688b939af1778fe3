/** A verdict, a lock, a sign before an object: each an icon or sign and a word, in the colours of statuses. */
import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
  IconInfoCircle,
  IconLock,
  IconPlayerStop,
} from '@tabler/icons-react';
import type { AffectedObject, DownCheck, ObjectCount, Verdict } from '../../api/types.generated';
import badges from '../badges.module.css';
import classes from './preview.module.css';
import { countsOf, downWords, signOf, type Tone, verdictWords } from './words';

const ICONS: Record<Tone, typeof IconLock> = {
  green: IconCircleCheck,
  blue: IconInfoCircle,
  amber: IconAlertTriangle,
  red: IconCircleX,
  violet: IconHelpCircle,
  gray: IconPlayerStop,
};

interface Look {
  tone: Tone;
  word: string;
  means?: string;
  plain?: boolean;
}

export function Badge({ tone, word, means, plain = false }: Look) {
  const Icon = ICONS[tone];
  return (
    <span className={`${badges.badge} ${badges[tone]} ${plain ? badges.plain : ''}`} title={means}>
      <Icon size={14} aria-hidden /> {word}
    </span>
  );
}

export const VerdictBadge = ({ verdict, plain }: { verdict: Verdict; plain?: boolean }) => (
  <Badge {...verdictWords(verdict)} plain={plain} />
);

export const DownBadge = ({ verdict }: { verdict: DownCheck['verdict'] }) => (
  <Badge {...downWords(verdict)} plain />
);

export function Blocks({ tone, text }: { tone: Tone; text: string }) {
  return (
    <span className={`${badges.badge} ${badges[tone]} ${badges.plain} ${classes.lock}`}>
      <IconLock size={13} aria-hidden /> {text}
    </span>
  );
}

/** `+1 table  −2 columns  ~1 view`. */
export function Counts({ counts }: { counts: ObjectCount[] }) {
  const parts = countsOf(counts);
  if (parts.length === 0) return null;
  return (
    <ul className={classes.counts} aria-label="What changes">
      {parts.map((one) => (
        <li key={one.spoken}>
          <Tooltip label={one.spoken}>
            <span>
              <b className={`${classes.sign} ${badges[one.tone]}`} aria-hidden>
                {one.sign}
              </b>
              <span aria-hidden>{one.text}</span>
              <span className="visually-hidden">{one.spoken}</span>
            </span>
          </Tooltip>
        </li>
      ))}
    </ul>
  );
}

export function Objects({ objects }: { objects: AffectedObject[] }) {
  if (objects.length === 0) return null;
  return (
    <ul className={classes.objects} aria-label="Objects">
      {objects.map((one) => {
        const { sign, word, tone } = signOf(one.change);
        return (
          <li key={`${one.change} ${one.kind} ${one.parent} ${one.name} ${one.detail}`}>
            <b className={`${classes.sign} ${badges[tone]}`} aria-hidden>
              {sign}
            </b>
            <span className="visually-hidden">{word} </span>
            <span className="dim">{one.kind}</span> <span className="mono">{one.name}</span>
            {one.parent && (
              <span className="dim">
                {' '}
                of <span className="mono">{one.parent}</span>
              </span>
            )}
            {one.detail && <span className="dim"> · {one.detail}</span>}
            {existsNote(one) && <span className={classes.exists}> · {existsNote(one)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

/** Only what is surprising: what is added is there already, what is removed is not. */
function existsNote({ change, exists }: AffectedObject): string | null {
  if (exists === true && change === 'add') return 'there already';
  if (exists === false && change !== 'add') return 'not there now';
  return null;
}
