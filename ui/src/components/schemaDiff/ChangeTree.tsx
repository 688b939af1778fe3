/** The changes as a tree: only the rows in sight are in the page. One focus, on the tree; arrows move the active row. */
// biome-ignore-all lint/a11y/useFocusableInteractive: the tree has the focus and names its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the tree handles the keys.
import { IconCheck, IconChevronRight, IconMinus } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { ChangeCounts, ChangeMark } from './ChangeMark';
import classes from './schemaDiff.module.css';
import type { Diff } from './state';
import { checkOf, countsOf, rowsOf, type TreeRow, toggled } from './tree';

const ROW_PX = 28;

interface Props {
  diff: Diff;
  /** Ids of changes that come along though they were not chosen. */
  along: ReadonlySet<string>;
  onOpen(): void;
}

export function ChangeTree({ diff, along, onOpen }: Props) {
  const { comparison, filter, closed, left, active } = diff.state;
  const scroller = useRef<HTMLDivElement>(null);
  const changes = comparison?.changes ?? [];
  const rows = useMemo(() => rowsOf(changes, filter, closed), [changes, filter, closed]);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === active),
  );
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    initialRect: { width: 320, height: 560 },
  });
  const first = rows.find((row) => row.type === 'object')?.id ?? null;
  const isActiveShown = rows.some((row) => row.id === active);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when what is shown no longer holds the active row.
  useEffect(() => {
    if (!isActiveShown && first) diff.change({ active: first });
  }, [isActiveShown, first]);

  const go = (to: number) => {
    const index = Math.max(0, Math.min(to, rows.length - 1));
    const row = rows[index];
    if (!row) return;
    diff.change({ active: row.id });
    list.scrollToIndex(index, { align: 'auto' });
  };
  const fold = (id: string, open: boolean) => {
    const after = new Set(closed);
    if (open) after.delete(id);
    else after.add(id);
    diff.change({ closed: after });
  };
  const toggle = (row: TreeRow) =>
    diff.change({ left: toggled(row.type === 'group' ? row.members : [row.change], left) });

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) go(to);
    else if (event.key === 'ArrowLeft') {
      if (row.type === 'group') fold(row.id, false);
      else go(rows.findLastIndex((one, index) => index < at && one.type === 'group'));
    } else if (event.key === 'ArrowRight') {
      if (row.type === 'group' && !row.isOpen) fold(row.id, true);
      else go(at + 1);
    } else if (event.key === ' ') toggle(row);
    else if (event.key === 'Enter') {
      if (row.type === 'group') fold(row.id, !row.isOpen);
      else onOpen();
    } else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label="Changes"
      aria-multiselectable
      aria-activedescendant={rows[at] ? rowId(rows[at].id) : undefined}
      className={classes.tree}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: list.getTotalSize(), position: 'relative' }} role="presentation">
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const check = checkOf(row.type === 'group' ? row.members : [row.change], left);
          const comesAlong = row.type === 'object' && along.has(row.id);
          return (
            <div
              key={row.id}
              id={rowId(row.id)}
              role="treeitem"
              aria-level={row.type === 'group' ? 1 : 2}
              aria-expanded={row.type === 'group' ? row.isOpen : undefined}
              aria-checked={check === 'some' ? 'mixed' : check === 'all'}
              aria-selected={row.id === active}
              aria-setsize={rows.length}
              aria-posinset={item.index + 1}
              className={classes.treeRow}
              data-group={row.type === 'group' || undefined}
              data-out={check === 'none' || undefined}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => diff.change({ active: row.id })}
              onDoubleClick={() => row.type === 'group' && fold(row.id, !row.isOpen)}
            >
              {row.type === 'group' ? (
                <IconChevronRight
                  size={14}
                  className={row.isOpen ? classes.opened : classes.closed}
                  onClick={() => fold(row.id, !row.isOpen)}
                  aria-hidden
                />
              ) : (
                <span className={classes.indent} />
              )}
              <span
                className={classes.check}
                data-check={check}
                data-part="check"
                onClick={() => toggle(row)}
                aria-hidden
              >
                {check === 'all' && <IconCheck size={12} stroke={3} />}
                {check === 'some' && <IconMinus size={12} stroke={3} />}
              </span>
              {row.type === 'object' && <ChangeMark change={row.change.change} />}
              <span className={`truncate ${row.type === 'object' ? 'mono' : classes.groupLabel}`}>
                {row.label}
              </span>
              {row.type === 'group' && <ChangeCounts counts={countsOf(row.members)} />}
              {row.type === 'object' && row.change.old_id && (
                <span className={`faint truncate ${classes.was}`}>was {nameIn(row.change.old_id)}</span>
              )}
              {comesAlong && <span className={classes.along}>comes along</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const rowId = (id: string) => `change ${id}`.replace(/\s/g, '-');
const nameIn = (id: string) => id.slice(id.indexOf(' ') + 1);
