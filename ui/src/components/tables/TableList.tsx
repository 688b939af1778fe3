/** The list of tables: only the rows in sight are in the page; arrows walk through it. */
import { IconCube, IconEye, IconTable, IconTablePlus, IconWorld } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import classes from './TableList.module.css';

const ROW_PX = 30;

export interface ListedTable {
  /** Unique in the list. */
  key: string;
  name: string;
  /** table, view, collection, partitioned_table, … */
  kind: string;
  /** How many rows it has, as it is to be read. */
  rows: string | null;
  comment?: string | null;
}

interface Props {
  tables: ListedTable[];
  chosen: string | undefined;
  onChoose(key: string): void;
}

export function TableList({ tables, chosen, onChoose }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: tables.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const at = tables.findIndex((one) => one.key === chosen);
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
    if (next) onChoose(next.key);
  };
  return (
    <div
      ref={scroller}
      className={classes.list}
      role="listbox"
      aria-label="Tables"
      tabIndex={0}
      aria-activedescendant={at >= 0 ? `listed-table-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => {
          const one = tables[row.index];
          if (!one) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the list has the focus and the arrows.
            <div
              key={one.key}
              id={`listed-table-${row.index}`}
              role="option"
              aria-selected={one.key === chosen}
              aria-setsize={tables.length}
              aria-posinset={row.index + 1}
              className={classes.listItem}
              style={{ transform: `translateY(${row.start}px)` }}
              title={one.comment ?? undefined}
              onClick={() => onChoose(one.key)}
            >
              <KindIcon kind={one.kind} />
              <span className="truncate">{one.name}</span>
              {one.rows !== null && <span className={`tabular ${classes.rows}`}>{one.rows}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function KindIcon({ kind }: { kind: string }) {
  const Icon = kind.includes('view')
    ? IconEye
    : kind === 'collection' || kind === 'time_series'
      ? IconCube
      : kind === 'partitioned_table'
        ? IconTablePlus
        : kind === 'foreign_table'
          ? IconWorld
          : IconTable;
  return <Icon size={15} stroke={1.7} role="img" aria-label={kind.replaceAll('_', ' ')} />;
}
