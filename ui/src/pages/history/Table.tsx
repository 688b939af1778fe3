/** The runs: only the rows in sight are in the page. One focus, on the grid; arrows move the active row. */
// biome-ignore-all lint/a11y/useSemanticElements: a grid of virtual rows is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys.
// biome-ignore-all lint/a11y/noStaticElementInteractions: the row's role is spread onto it.
import { Tooltip } from '@mantine/core';
import { IconClockExclamation } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import type { EnvironmentKind, HistoryRun } from '../../api/types.generated';
import { BackupMark } from '../../components/backup/BackupLink';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { RelativeTime } from '../../components/RelativeTime';
import { nameOfFile, versionOfFile } from '../../lib/filenames';
import { formatDuration } from '../../lib/format';
import { ENVIRONMENTS } from './filters';
import classes from './history.module.css';
import type { Rows } from './useRows';
import { CLOCKS, filesOf, whatOf } from './words';

const ROW_PX = 36;
const HEAD_PX = 32;

export interface TableHandle {
  focus(): void;
}

interface Props {
  rows: Rows;
  total: number;
  everywhere: boolean;
  handle: Ref<TableHandle>;
  onSight(first: number, last: number): void;
  onOpen(run: HistoryRun): void;
}

export function Table({ rows, total, everywhere, handle, onSight, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const list = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    initialRect: { width: 1000, height: 700 },
  });
  const items = list.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onSight(first, last), [first, last, onSight]);
  useEffect(() => setActive((now) => Math.min(now, Math.max(0, total - 1))), [total]);
  useImperativeHandle(handle, () => ({ focus: () => scroller.current?.focus({ preventScroll: true }) }));
  useEffect(() => scroller.current?.focus({ preventScroll: true }), []);

  const open = (at: number) => {
    const run = rows.at(at);
    if (run) onOpen(run);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1);
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: total - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      const at = Math.max(0, Math.min(to, total - 1));
      setActive(at);
      list.scrollToIndex(at, { align: 'auto' });
    } else if (event.key === 'Enter') open(active);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label="Runs"
      aria-rowcount={total + 1}
      aria-activedescendant={
        list.getVirtualItems().some((item) => item.index === active) ? rowId(active) : undefined
      }
      className={classes.grid}
      onKeyDown={onKeyDown}
    >
      <Head everywhere={everywhere} />
      <div role="rowgroup" style={{ height: list.getTotalSize(), position: 'relative' }}>
        {items.map((item) => (
          <Row
            key={item.index}
            at={item.index}
            top={item.start - HEAD_PX}
            run={rows.at(item.index)}
            everywhere={everywhere}
            isActive={item.index === active}
            onPress={() => {
              setActive(item.index);
              open(item.index);
            }}
          />
        ))}
      </div>
    </div>
  );
}

const rowId = (at: number) => `history-row-${at}`;

function Head({ everywhere }: { everywhere: boolean }) {
  return (
    <div role="rowgroup" className={classes.headGroup}>
      <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.headRow}`}>
        <div role="columnheader" className={classes.state}>
          Ended
        </div>
        <div role="columnheader" className={classes.what}>
          Run
        </div>
        <div role="columnheader" className={classes.files}>
          Migrations
        </div>
        {everywhere && (
          <div role="columnheader" className={classes.connection}>
            Connection
          </div>
        )}
        <div role="columnheader" className={classes.author}>
          Author
        </div>
        <div role="columnheader" className={classes.when}>
          When
        </div>
        <div role="columnheader" className={classes.time}>
          Time
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  at: number;
  top: number;
  run: HistoryRun | undefined;
  everywhere: boolean;
  isActive: boolean;
  onPress(): void;
}

function Row({ at, top, run, everywhere, isActive, onPress }: RowProps) {
  const place = {
    id: rowId(at),
    role: 'row',
    'aria-rowindex': at + 2,
    className: classes.row,
    style: { transform: `translateY(${top}px)` },
    'data-active': isActive || undefined,
  };
  if (!run)
    return (
      <div {...place}>
        <div role="gridcell" className={classes.blank}>
          <span className="visually-hidden">Loading</span>
        </div>
      </div>
    );
  const { first, more } = filesOf(run);
  return (
    <div {...place} onClick={onPress}>
      <div role="gridcell" className={classes.state}>
        <OutcomeBadge outcome={run.state} plain />
      </div>
      <div role="gridcell" className={`${classes.what} truncate`}>
        {whatOf(run)}
        {run.backup_id && (
          <span className={classes.backup}>
            <BackupMark connection={run.connection} id={run.backup_id} />
          </span>
        )}
      </div>
      <div role="gridcell" className={classes.files}>
        <span className="truncate" title={first}>
          {nameOfFile(first)}
        </span>
        {more === null && <span className={`mono faint ${classes.version}`}>{versionOfFile(first)}</span>}
        {more && <span className={`faint ${classes.moreFiles}`}>{more}</span>}
      </div>
      {everywhere && (
        <div role="gridcell" className={classes.connection}>
          <span className="truncate">{run.connection_name}</span>
          {isEnvironment(run.environment) && run.environment !== 'development' && (
            <EnvironmentTag environment={run.environment} short />
          )}
        </div>
      )}
      <div role="gridcell" className={`${classes.author} truncate dim`}>
        {run.author ?? '–'}
      </div>
      <div role="gridcell" className={`${classes.when} dim`}>
        <When run={run} />
      </div>
      <div role="gridcell" className={`${classes.time} tabular dim`}>
        {formatDuration(run.duration_ms) ?? '–'}
      </div>
    </div>
  );
}

export const isEnvironment = (name: string | null): name is EnvironmentKind =>
  (ENVIRONMENTS as readonly (string | null)[]).includes(name);

/** When it began; a clock that was wrong is said, not believed. */
export function When({ run }: { run: Pick<HistoryRun, 'started_at' | 'clock'> }) {
  if (run.clock === 'ok') return <RelativeTime at={run.started_at} />;
  return (
    <Tooltip label={CLOCKS[run.clock]} multiline maw={280}>
      <span className={classes.clock}>
        <IconClockExclamation size={14} aria-hidden /> Unknown
      </span>
    </Tooltip>
  );
}
