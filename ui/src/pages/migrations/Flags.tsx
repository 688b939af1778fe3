/** What is odd about a migration, and what to do about it. */
import { Tooltip, UnstyledButton } from '@mantine/core';
import type { Migration, MigrationFlag } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { FLAGS } from '../../components/FlagBadge';
import { askFailure } from '../../components/failure/ask';
import classes from './migrations.module.css';

const DO: Record<MigrationFlag, string> = {
  edited: 'Open it to compare it with what ran. Put later changes into a new migration.',
  missing_file: 'Bring the file back, or open it to restore it from what ran.',
  out_of_order: 'Duplicate it under a newer version, or allow it out of order when you apply it.',
  duplicate_version: 'Give one of the files another version.',
  invalid: 'Open it: the problems are listed with their lines.',
  partial: 'Press it to see what stayed, and to finish it or clean it up.',
};

export function Flags({ migration, connection }: { migration: Migration; connection: string }) {
  const [first, ...others] = migration.flags;
  if (!first) return null;
  return (
    <span className={classes.flags}>
      <Flag flag={first} migration={migration} connection={connection} />
      {others.map((flag) => (
        <Flag key={flag} flag={flag} migration={migration} connection={connection} short />
      ))}
    </span>
  );
}

function Flag({
  flag,
  migration,
  connection,
  short = false,
}: {
  flag: MigrationFlag;
  migration: Migration;
  connection: string;
  short?: boolean;
}) {
  const { word, means, tone, icon: Icon } = FLAGS[flag];
  const [problem] = flag === 'invalid' ? migration.problems : [];
  const inside = (
    <>
      <Icon size={13} stroke={2} aria-hidden />
      <span className={short ? 'visually-hidden' : undefined}>{word}</span>
    </>
  );
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
      {flag === 'partial' ? (
        // The row's menu and its key do the same for the keyboard.
        <UnstyledButton
          tabIndex={-1}
          className={`${badges.badge} ${badges[tone]} ${short ? classes.shortFlag : ''}`}
          aria-label={`${word}: what happened to ${migration.name}, and what now`}
          onClick={(event) => {
            event.stopPropagation();
            askFailure({ connection, version: migration.filename });
          }}
        >
          {inside}
        </UnstyledButton>
      ) : (
        <span className={`${badges.badge} ${badges[tone]} ${short ? classes.shortFlag : ''}`}>{inside}</span>
      )}
    </Tooltip>
  );
}
