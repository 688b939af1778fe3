/** What is odd about a migration. Violet with a sign; broken files and half-run ones are red. */
import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowsShuffle,
  IconCopy,
  IconFileAlert,
  IconFileOff,
  IconPencil,
} from '@tabler/icons-react';
import type { MigrationFlag } from '../api/types.generated';
import classes from './badges.module.css';

export const FLAGS: Record<
  MigrationFlag,
  { word: string; means: string; tone: 'violet' | 'red'; icon: typeof IconPencil }
> = {
  edited: {
    word: 'Edited',
    means: 'It is applied, and the file is no longer what was run.',
    tone: 'violet',
    icon: IconPencil,
  },
  missing_file: {
    word: 'Missing file',
    means: 'It is recorded as applied, but there is no file.',
    tone: 'violet',
    icon: IconFileOff,
  },
  out_of_order: {
    word: 'Out of order',
    means: 'It is pending, and older than the newest applied one.',
    tone: 'violet',
    icon: IconArrowsShuffle,
  },
  duplicate_version: {
    word: 'Duplicate version',
    means: 'Another file has the same version: only one of them can be recorded.',
    tone: 'violet',
    icon: IconCopy,
  },
  invalid: {
    word: 'Invalid',
    means: 'The tool would refuse this file as it is.',
    tone: 'red',
    icon: IconFileAlert,
  },
  partial: {
    word: 'Partly run',
    means: 'It failed or was interrupted, and some of its statements stayed.',
    tone: 'red',
    icon: IconAlertTriangle,
  },
};

export function FlagBadge({ flag }: { flag: MigrationFlag }) {
  const { word, means, tone, icon: Icon } = FLAGS[flag];
  return (
    <Tooltip label={means} multiline maw={280}>
      <span className={`${classes.badge} ${classes[tone]}`}>
        <Icon size={13} stroke={2} aria-hidden />
        {word}
      </span>
    </Tooltip>
  );
}
