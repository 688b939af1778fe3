/** The list of tables: only the rows in sight are in the page; arrows walk through it. */
import { IconCube, IconEye, IconTable, IconTablePlus, IconWorld } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { OutlineTable } from '../../../api/types.generated';
import { wordOf } from '../names';
import classes from './tables.module.css';

const ROW_PX = 30;

export interface Listed {
  table: OutlineTable;
  name: string;
}

interface Props {
  tables: Listed[];
  chosen: string | undefined;
  onChoose(id: string): void;
}

export function TableList({ tables, chosen, onChoose }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: tables.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const at = tables.findIndex((one) => one.table.id === chosen);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where another one is chosen, not while one scrolls.
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at);
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 15,
      PageUp: -15,
      Home: -tables.length,
      End: tables.length,
    }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tables[Math.min(Math.max(at + step, 0), tables.length - 1)];
    if (next) onChoose(next.table.id);
  };
  return (
    <div
      ref={scroller}
      className={classes.list}
      role="listbox"
      aria-label="Tables"
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `schema-table-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => {
          const one = tables[row.index];
          if (!one) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the list has the focus and the arrows.
            <div
              key={one.table.id}
              id={`schema-table-${row.index}`}
              role="option"
              aria-selected={one.table.id === chosen}
              aria-setsize={tables.length}
              aria-posinset={row.index + 1}
              className={classes.listItem}
              style={{ transform: `translateY(${row.start}px)` }}
              title={one.table.comment ?? undefined}
              onClick={() => onChoose(one.table.id)}
            >
              <KindIcon kind={one.table.kind} />
              <span className="truncate">{one.name}</span>
              {one.table.rows !== null && (
                <span className={`tabular ${classes.rows}`}>{short(one.table.rows)}</span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

export function KindIcon({ kind }: { kind: string }) {
  const Icon = kind.includes('view')
    ? IconEye
    : kind === 'collection' || kind === 'time_series'
      ? IconCube
      : kind === 'partitioned_table'
        ? IconTablePlus
        : kind === 'foreign_table'
          ? IconWorld
          : IconTable;
  return <Icon size={15} stroke={1.7} role="img" aria-label={wordOf(kind)} />;
}

const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const short = (count: number) => COMPACT.format(count);
