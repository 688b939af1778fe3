/** What became of an event: an icon in the status's colour; `EventBadge` has the word too. */
import {
  IconBan,
  IconBolt,
  IconCircleCheck,
  IconCircleX,
  IconLoader2,
  IconRotate2,
  IconTag,
  IconTerminal2,
} from '@tabler/icons-react';
import type { EventStatus } from '../../api/types.generated';
import badges from '../badges.module.css';
import classes from './overview.module.css';
import { EVENT_WORDS } from './words';

const ICONS: Record<EventStatus, typeof IconBan> = {
  applied: IconCircleCheck,
  rolled_back: IconRotate2,
  marked: IconTag,
  failed: IconCircleX,
  cancelled: IconBan,
  interrupted: IconBolt,
  running: IconLoader2,
  elsewhere: IconTerminal2,
};

export function EventIcon({ status, size = 16 }: { status: EventStatus; size?: number }) {
  const Icon = ICONS[status];
  return (
    <span className={`${classes.eventIcon} ${badges[EVENT_WORDS[status].tone]}`}>
      <Icon size={size} stroke={2} className={status === 'running' ? badges.spin : undefined} aria-hidden />
    </span>
  );
}

export function EventBadge({ status, plain = false }: { status: EventStatus; plain?: boolean }) {
  const Icon = ICONS[status];
  const { word, tone } = EVENT_WORDS[status];
  return (
    <span className={`${badges.badge} ${badges[tone]} ${plain ? badges.plain : ''}`}>
      <Icon size={14} stroke={2} className={status === 'running' ? badges.spin : undefined} aria-hidden />
      {word}
    </span>
  );
}
