/** Whether a backup can be relied on: read back whole, not read yet, or damaged. Always an icon and a word. */
import { Tooltip } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react';
import type { Backup, BackupState } from '../../api/types.generated';
import { formatExact } from '../../lib/format';
import badges from '../badges.module.css';

const LOOKS: Record<
  BackupState,
  { word: string; tone: 'green' | 'amber' | 'red'; icon: typeof IconCircleX }
> = {
  good: { word: 'Good', tone: 'green', icon: IconCircleCheck },
  unverified: { word: 'Unverified', tone: 'amber', icon: IconHelpCircle },
  damaged: { word: 'Damaged', tone: 'red', icon: IconCircleX },
};

interface Props {
  backup: Pick<Backup, 'state' | 'problem' | 'verified_at'>;
  plain?: boolean;
}

export function StateBadge({ backup, plain = false }: Props) {
  const { word, tone, icon: Icon } = LOOKS[backup.state];
  return (
    <Tooltip label={meaningOf(backup)} multiline maw={340}>
      <span className={`${badges.badge} ${badges[tone]} ${plain ? badges.plain : ''}`}>
        <Icon size={14} stroke={2} aria-hidden />
        {word}
      </span>
    </Tooltip>
  );
}

export function meaningOf({ state, problem, verified_at }: Props['backup']): string {
  if (state === 'damaged') return problem ?? 'A file of it is missing, or is not what was written.';
  if (state === 'unverified') return 'It was not read back yet, so nobody knows whether it can be restored.';
  return verified_at ? `Read back whole ${formatExact(verified_at)}.` : 'It was read back whole.';
}
