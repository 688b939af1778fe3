/** A migration's (or a run file's) status: always an icon and a word, in the status' colour. */
import {
  IconBan,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconLoader2,
  IconRotate2,
} from '@tabler/icons-react';
import type { MigrationStatus, RunStatus } from '../api/types.generated';
import classes from './badges.module.css';

export type Status = MigrationStatus | RunStatus | 'running' | 'ran' | 'cancelled' | 'done';

const LOOKS: Record<Status, { word: string; tone: keyof typeof classes; icon: typeof IconCircle }> = {
  applied: { word: 'Applied', tone: 'green', icon: IconCircleCheck },
  done: { word: 'Done', tone: 'green', icon: IconCircleCheck },
  pending: { word: 'Pending', tone: 'amber', icon: IconCircle },
  failed: { word: 'Failed', tone: 'red', icon: IconCircleX },
  running: { word: 'Running', tone: 'blue', icon: IconLoader2 },
  // The tool says it is done; the database has not been asked yet.
  ran: { word: 'Verifying', tone: 'blue', icon: IconLoader2 },
  rolled_back: { word: 'Rolled back', tone: 'gray', icon: IconRotate2 },
  not_run: { word: 'Not run', tone: 'gray', icon: IconCircleDashed },
  cancelled: { word: 'Cancelled', tone: 'gray', icon: IconBan },
};

interface Props {
  status: Status;
  /** Without the tinted ground, for dense tables. */
  plain?: boolean;
}

export function StatusBadge({ status, plain = false }: Props) {
  const { word, tone, icon: Icon } = LOOKS[status];
  return (
    <span className={`${classes.badge} ${classes[tone]} ${plain ? classes.plain : ''}`}>
      <Icon
        size={14}
        stroke={2}
        className={status === 'running' || status === 'ran' ? classes.spin : undefined}
        aria-hidden
      />
      {word}
    </span>
  );
}
