/** The backups, newest first: only the rows in sight are in the page. One focus, on the grid; arrows move the active row. */
// biome-ignore-all lint/a11y/useSemanticElements: a grid of virtual rows is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys.
import { Button, Tooltip } from '@mantine/core';
import { IconDatabaseImport, IconPinFilled, IconShieldCheck } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import type { BackupListed } from '../../api/types.generated';
import { StateBadge } from '../../components/backup/StateBadge';
import { contentOf, whyOf } from '../../components/backup/words';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { RelativeTime } from '../../components/RelativeTime';
import { formatBytes } from '../../lib/format';
import classes from './backups.module.css';

const ROW_PX = 52;
const HEAD_PX = 32;

export interface TableHandle {
  focus(): void;
}

interface Props {
  backups: BackupListed[];
  chosen: string | null;
  /** The row that the keys speak of. */
  active: number;
  onActive(at: number | ((now: number) => number)): void;
  handle: Ref<TableHandle>;
  onOpen(backup: BackupListed): void;
  onRestore(backup: BackupListed): void;
}

export function Table(props: Props) {
  const { backups, chosen, active, onActive: setActive, handle, onOpen, onRestore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const total = backups.length;
  const list = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    initialRect: { width: 1000, height: 700 },
  });
  useEffect(() => setActive((now) => Math.min(now, Math.max(0, total - 1))), [total, setActive]);
  useImperativeHandle(handle, () => ({ focus: () => scroller.current?.focus({ preventScroll: true }) }));
  useEffect(() => scroller.current?.focus({ preventScroll: true }), []);

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
    const backup = backups[active];
    if (to !== undefined) {
      const at = Math.max(0, Math.min(to, total - 1));
      setActive(at);
      list.scrollToIndex(at, { align: 'auto' });
    } else if (event.key === 'Enter' && backup) onOpen(backup);
    else return;
    event.preventDefault();
  };
  const items = list.getVirtualItems();
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label="Backups"
      aria-rowcount={total + 1}
      aria-activedescendant={items.some((item) => item.index === active) ? rowId(active) : undefined}
      className={classes.grid}
      onKeyDown={onKeyDown}
    >
      <Head />
      <div role="rowgroup" style={{ height: list.getTotalSize(), position: 'relative' }}>
        {items.map((item) => {
          const backup = backups[item.index];
          return (
            backup && (
              <Row
                key={backup.id}
                at={item.index}
                top={item.start - HEAD_PX}
                backup={backup}
                isActive={item.index === active}
                isChosen={backup.id === chosen}
                onPress={() => {
                  setActive(item.index);
                  onOpen(backup);
                }}
                onRestore={() => onRestore(backup)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

const rowId = (at: number) => `backup-row-${at}`;

function Head() {
  return (
    <div role="rowgroup" className={classes.headGroup}>
      <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.headRow}`}>
        {(['State', 'Why', 'Content', 'Size', 'When'] as const).map((name) => (
          <div key={name} role="columnheader" className={classes[name.toLowerCase()]}>
            {name}
          </div>
        ))}
        <div role="columnheader" className={classes.act}>
          <span className="visually-hidden">Restore</span>
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  at: number;
  top: number;
  backup: BackupListed;
  isActive: boolean;
  isChosen: boolean;
  onPress(): void;
  onRestore(): void;
}

function Row({ at, top, backup, isActive, isChosen, onPress, onRestore }: RowProps) {
  return (
    <div
      id={rowId(at)}
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isChosen}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      data-active={isActive || undefined}
      data-chosen={isChosen || undefined}
      onClick={onPress}
    >
      <div role="gridcell" className={classes.state}>
        <StateBadge backup={backup} plain />
      </div>
      <div role="gridcell" className={classes.why}>
        <span className={classes.line}>
          <span className={`truncate ${classes.title}`} title={backup.migrations.join('\n') || undefined}>
            {whyOf(backup)}
          </span>
          {backup.run_state && backup.run_state !== 'ok' && <OutcomeBadge outcome={backup.run_state} />}
        </span>
        <span className={`truncate dim ${classes.under}`}>{backup.note || <Kept backup={backup} />}</span>
      </div>
      <div role="gridcell" className={`${classes.content} dim tabular`}>
        <Content backup={backup} />
      </div>
      <div role="gridcell" className={`${classes.size} tabular`}>
        {formatBytes(backup.size_bytes)}
      </div>
      <div role="gridcell" className={`${classes.when} dim`}>
        <RelativeTime at={backup.created_at} />
        <Marks backup={backup} />
      </div>
      <div role="gridcell" className={classes.act}>
        <Button
          variant="default"
          size="compact-sm"
          tabIndex={-1}
          disabled={!backup.restorable}
          leftSection={<IconDatabaseImport size={14} />}
          aria-label={`Restore the backup ${whyOf(backup)}…`}
          onClick={(event) => {
            event.stopPropagation();
            onRestore();
          }}
        >
          Restore…
        </Button>
      </div>
    </div>
  );
}

function Content({ backup }: { backup: BackupListed }) {
  const [tables, rows] = contentOf(backup, backup.engine).split(', ');
  return (
    <>
      <span className="truncate">{tables}</span>
      {rows && <span className={`truncate ${classes.under}`}>{rows}</span>}
    </>
  );
}

/** Who made it, where nothing was noted. */
const Kept = ({ backup }: { backup: BackupListed }) => (
  <>{[backup.author, backup.tool].filter(Boolean).join(' · ')}</>
);

function Marks({ backup }: { backup: BackupListed }) {
  const kept = backup.kept_because;
  if (!backup.pinned && kept.length === 0) return null;
  const why = `Kept: ${kept.join(' ') || 'it is pinned.'}`;
  const Icon = backup.pinned ? IconPinFilled : IconShieldCheck;
  return (
    <Tooltip label={why} multiline maw={320}>
      <Icon size={14} role="img" aria-label={why} className={classes.mark} />
    </Tooltip>
  );
}
