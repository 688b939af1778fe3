/** How bad a finding is: an icon and a word, in the colours of statuses. */
import {
  IconAlertCircle,
  IconAlertOctagon,
  IconAlertTriangle,
  IconCircleX,
  IconInfoCircle,
} from '@tabler/icons-react';
import type { Severity } from '../api/types.generated';
import classes from './badges.module.css';

/** A risk rule's severity, or what the tool says of the file's form. */
export type Level = 'error' | 'warning' | Severity;

const LEVELS: Record<Level, { word: string; tone: string; icon: typeof IconInfoCircle }> = {
  error: { word: 'Error', tone: 'red', icon: IconCircleX },
  critical: { word: 'Critical', tone: 'red', icon: IconAlertOctagon },
  high: { word: 'High', tone: 'red', icon: IconAlertTriangle },
  medium: { word: 'Medium', tone: 'amber', icon: IconAlertTriangle },
  warning: { word: 'Warning', tone: 'amber', icon: IconAlertTriangle },
  low: { word: 'Low', tone: 'blue', icon: IconAlertCircle },
  info: { word: 'Info', tone: 'gray', icon: IconInfoCircle },
};

/** The worst first. */
const ORDER = Object.keys(LEVELS) as Level[];

export const rankOf = (level: Level) => ORDER.indexOf(level);

export const wordOf = (level: Level) => LEVELS[level].word;

export const worstOf = (levels: Level[]): Level | null =>
  levels.reduce<Level | null>(
    (worst, one) => (worst === null || rankOf(one) < rankOf(worst) ? one : worst),
    null,
  );

export function SeverityBadge({ level, plain = false }: { level: Level; plain?: boolean }) {
  const { word, tone, icon: Icon } = LEVELS[level];
  return (
    <span className={`${classes.badge} ${classes[tone]} ${plain ? classes.plain : ''}`}>
      <Icon size={14} aria-hidden /> {word}
    </span>
  );
}

/** The severity is an assumption: the statement was not understood, or the size of the table is not known. */
export function UnknownBadge() {
  return (
    <span
      className={`${classes.badge} ${classes.violet}`}
      title="The statement was not understood, or the size of the table is not known: the severity is an assumption."
    >
      <IconAlertCircle size={14} aria-hidden /> Unknown
    </span>
  );
}
