/** What is compared with what: two sides, a button that swaps them, and the one that compares. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconArrowsLeftRight, IconGitCompare } from '@tabler/icons-react';
import type { Connection } from '../../api/types.generated';
import { SidePicker } from './SidePicker';
import classes from './schemaDiff.module.css';
import { isSame, missingOf } from './sides';
import type { Diff } from './state';

export function Pickers({ connection, diff }: { connection: Connection; diff: Diff }) {
  const { from, to, compared, busy } = diff.state;
  const isSameSide = isSame(from, to);
  const missing = missingOf(from) ?? missingOf(to) ?? (isSameSide ? 'Both sides are the same.' : null);
  const isDone = compared !== null && isSame(compared.from, from) && isSame(compared.to, to);
  const compare = () => missing === null && void diff.compare();
  return (
    <div className={classes.pickers}>
      <SidePicker
        label="From"
        connection={connection}
        side={from}
        disabled={busy !== null}
        onChange={(side) => diff.change({ from: side })}
        onEnter={compare}
      />
      <Tooltip label="Swap the sides">
        <ActionIcon
          aria-label="Swap the sides"
          className={classes.swap}
          disabled={busy !== null}
          onClick={() => diff.change({ from: to, to: from })}
        >
          <IconArrowsLeftRight size={16} />
        </ActionIcon>
      </Tooltip>
      <SidePicker
        label="To"
        connection={connection}
        side={to}
        disabled={busy !== null}
        onChange={(side) => diff.change({ to: side })}
        onEnter={compare}
      />
      <Tooltip label={missing} disabled={missing === null}>
        <Button
          className={classes.compare}
          variant={isDone ? 'default' : 'filled'}
          leftSection={<IconGitCompare size={15} />}
          disabled={missing !== null || busy !== null}
          onClick={compare}
        >
          {isDone ? 'Compare again' : 'Compare'}
        </Button>
      </Tooltip>
    </div>
  );
}
