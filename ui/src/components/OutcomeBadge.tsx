/** How a run, or a file of one, ended: the statuses of StatusBadge, and those that only history knows. */
import { IconHelpCircle, IconPlugConnectedX } from '@tabler/icons-react';
import classes from './badges.module.css';
import { type Status, StatusBadge } from './StatusBadge';

const KNOWN: Record<string, Status> = {
  ok: 'done',
  applied: 'applied',
  rolled_back: 'rolled_back',
  failed: 'failed',
  not_run: 'not_run',
  running: 'running',
  cancelled: 'cancelled',
};

export const OUTCOME_WORDS: Record<string, string> = {
  ok: 'Done',
  applied: 'Applied',
  rolled_back: 'Rolled back',
  failed: 'Failed',
  not_run: 'Not run',
  running: 'Running',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

export function OutcomeBadge({ outcome, plain = false }: { outcome: string; plain?: boolean }) {
  const status = KNOWN[outcome];
  if (status) return <StatusBadge status={status} plain={plain} />;
  const Icon = outcome === 'interrupted' ? IconPlugConnectedX : IconHelpCircle;
  return (
    <span className={`${classes.badge} ${classes.violet} ${plain ? classes.plain : ''}`}>
      <Icon size={14} stroke={2} aria-hidden />
      {OUTCOME_WORDS[outcome] ?? outcome}
    </span>
  );
}
