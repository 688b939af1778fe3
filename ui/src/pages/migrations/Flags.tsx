/** What is odd about a migration, and what to do about it. */
import { Tooltip } from '@mantine/core';
import type { Migration, MigrationFlag } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { FLAGS } from '../../components/FlagBadge';
import classes from './migrations.module.css';

const DO: Record<MigrationFlag, string> = {
  edited: 'Open it to compare it with what ran. Put later changes into a new migration.',
  missing_file: 'Bring the file back, or open it to restore it from what ran.',
  out_of_order: 'Duplicate it under a newer version, or allow it out of order when you apply it.',
  duplicate_version: 'Give one of the files another version.',
  invalid: 'Open it: the problems are listed with their lines.',
  partial: 'Look at what stayed, clean it up or finish it by hand, then mark or run it again.',
};

export function Flags({ migration }: { migration: Migration }) {
  const [first, ...others] = migration.flags;
  if (!first) return null;
  return (
    <span className={classes.flags}>
      <Flag flag={first} migration={migration} />
      {others.map((flag) => (
        <Flag key={flag} flag={flag} migration={migration} short />
      ))}
    </span>
  );
}

function Flag({
  flag,
  migration,
  short = false,
}: {
  flag: MigrationFlag;
  migration: Migration;
  short?: boolean;
}) {
  const { word, means, tone, icon: Icon } = FLAGS[flag];
  const [problem] = flag === 'invalid' ? migration.problems : [];
  return (
    <Tooltip
      multiline
      maw={320}
      label={
        <>
          <strong>{word}.</strong> {problem ? problem.message : means} {DO[flag]}
        </>
      }
    >
      <span className={`${badges.badge} ${badges[tone]} ${short ? classes.shortFlag : ''}`}>
        <Icon size={13} stroke={2} aria-hidden />
        <span className={short ? 'visually-hidden' : undefined}>{word}</span>
      </span>
    </Tooltip>
  );
}
