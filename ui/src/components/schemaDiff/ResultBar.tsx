/** Over the result: what differs in numbers, the filter, the style, and the way to the migration and back. */
import { Button, CloseButton, SegmentedControl, TextInput } from '@mantine/core';
import { IconArrowLeft, IconSearch, IconWand } from '@tabler/icons-react';
import { type ReactNode, type Ref, useMemo } from 'react';
import type { EngineName } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { CHANGE_WORDS, ChangeCount } from './ChangeMark';
import classes from './schemaDiff.module.css';
import type { Diff, Style } from './state';
import { countsOf } from './tree';

// Elsewhere there is one way to write a change: nothing runs beside the others.
const HAS_ONLINE: ReadonlySet<EngineName> = new Set(['postgres', 'mysql']);

interface Props {
  diff: Diff;
  engine: EngineName;
  search: Ref<HTMLInputElement>;
  /** What can be done with the comparison: export. */
  more?: ReactNode;
  /** What can be done with the migration: save. */
  actions: ReactNode;
}

export function ResultBar({ diff, engine, search, more, actions }: Props) {
  const { comparison, filter, left, view, made, style, busy } = diff.state;
  const changes = comparison?.changes ?? [];
  const counts = useMemo(() => countsOf(changes), [changes]);
  const going = changes.length - left.size;
  if (view === 'migration')
    return (
      <div className={classes.bar}>
        <Button
          variant="default"
          leftSection={<IconArrowLeft size={15} />}
          onClick={() => diff.change({ view: 'changes' })}
        >
          Changes
        </Button>
        {actions}
      </div>
    );
  return (
    <div className={classes.bar}>
      <div className={classes.counts}>
        {CHANGE_WORDS.filter((one) => counts[one] > 0).map((one) => (
          <ChangeCount key={one} change={one} count={counts[one]} />
        ))}
      </div>
      <TextInput
        ref={search}
        className={classes.filter}
        aria-label="Filter changes"
        placeholder="Filter"
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={
          filter && (
            <CloseButton
              size="xs"
              aria-label="Clear the filter"
              onClick={() => diff.change({ filter: '' })}
            />
          )
        }
        value={filter}
        onChange={(event) => diff.change({ filter: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && filter && diff.change({ filter: '' })}
      />
      <div className={classes.barRight}>
        {more}
        {HAS_ONLINE.has(engine) && (
          <SegmentedControl
            size="xs"
            aria-label="Style of the migration"
            value={style}
            onChange={(value) => diff.change({ style: value as Style })}
            data={[
              { value: 'plain', label: 'Plain' },
              { value: 'online', label: 'Online safe' },
            ]}
          />
        )}
        {made && (
          <Button variant="default" onClick={() => diff.change({ view: 'migration' })}>
            Show the migration
          </Button>
        )}
        <Button
          leftSection={<IconWand size={15} />}
          loading={busy?.what === 'generate'}
          disabled={busy !== null || going === 0}
          onClick={diff.generate}
        >
          Generate {left.size > 0 ? `${going} of ${plural(changes.length, 'change')}` : 'migration'}
        </Button>
      </div>
    </div>
  );
}
