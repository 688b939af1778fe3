/** The list: only the rows in sight are in the page. One focus, on the grid; arrows move the active row. */
// biome-ignore-all lint/a11y/useSemanticElements: a grid of virtual rows is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys.

import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useRef } from 'react';
import { useCommentCounts } from '../../api/comments';
import type { Migration } from '../../api/types.generated';
import classes from './migrations.module.css';
import { Row, rowId } from './Row';
import type { Selection } from './useSelection';

const ROW_PX = 36;
const HEAD_PX = 32;

interface Props {
  rows: Migration[];
  selection: Selection;
  connection: string;
  states: ReadonlyMap<string, string>;
  /** The statuses are those seen last. */
  isUnknown: boolean;
  newestFirst: boolean;
  onSort(): void;
  onOpen(migration: Migration): void;
  onMenu(migration: Migration, x: number, y: number): void;
}

export function Table(props: Props) {
  const { rows, selection, connection, states, isUnknown, newestFirst, onSort, onOpen, onMenu } = props;
  const comments = useCommentCounts(connection);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    initialRect: { width: 1000, height: 700 },
  });
  const { active } = selection;
  const latest = useRef({ rows, selection, onOpen, onMenu });
  latest.current = { rows, selection, onOpen, onMenu };

  const press = useCallback(
    (at: number, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }) => {
      const { selection: now } = latest.current;
      if (event.shiftKey) now.extendTo(at);
      else if (event.ctrlKey || event.metaKey) now.toggle(at);
      else now.setActive(at);
    },
    [],
  );
  const toggle = useCallback((at: number, range: boolean) => {
    const { selection: now } = latest.current;
    if (range) now.extendTo(at);
    else now.toggle(at);
  }, []);
  const open = useCallback((at: number) => {
    const row = latest.current.rows[at];
    if (row) latest.current.onOpen(row);
  }, []);
  const menu = useCallback((at: number, x: number, y: number) => {
    const row = latest.current.rows[at];
    latest.current.selection.setActive(at);
    if (row) latest.current.onMenu(row, x, y);
  }, []);

  // Where the page opens or comes back, the keys work at once; somebody who is typing (what was typed before may have
  // matched nothing, so the list is only now there again) goes on typing.
  useEffect(() => {
    if (!document.activeElement?.matches('input, textarea')) scroller.current?.focus({ preventScroll: true });
  }, []);

  const moveTo = (at: number, extend: boolean) => {
    const to = Math.max(0, Math.min(at, rows.length - 1));
    if (extend) selection.extendTo(to);
    else selection.setActive(to);
    list.scrollToIndex(to, { align: 'auto' });
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
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) moveTo(to, event.shiftKey);
    else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) open(active);
    else if (event.key === ' ' || (event.key.toLowerCase() === 'x' && !event.ctrlKey && !event.metaKey))
      toggle(active, event.shiftKey);
    else if (event.key === 'Escape' && selection.chosen.size > 0) selection.clear();
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) selection.chooseAll();
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const box = document.getElementById(rowId(active))?.getBoundingClientRect();
      if (box) menu(active, box.left + 160, box.bottom);
    } else return;
    event.preventDefault();
  };

  // A row that is scrolled away, or has no room under a tall panel, is not in the page to be pointed at.
  const isDrawn = (index: number) => list.getVirtualItems().some((item) => item.index === index);

  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label="Migrations"
      aria-rowcount={rows.length + 1}
      aria-multiselectable
      aria-activedescendant={isDrawn(active) ? rowId(active) : undefined}
      className={classes.grid}
      onKeyDown={onKeyDown}
    >
      <Head newestFirst={newestFirst} onSort={onSort} />
      <div role="rowgroup" style={{ height: list.getTotalSize(), position: 'relative' }}>
        {list.getVirtualItems().map((item) => {
          const migration = rows[item.index];
          return (
            migration && (
              <Row
                key={migration.filename}
                migration={migration}
                connection={connection}
                at={item.index}
                top={item.start - HEAD_PX}
                isActive={item.index === active}
                isChosen={selection.chosen.has(migration.filename)}
                state={states.get(migration.filename)}
                isUnknown={isUnknown}
                comments={comments.get(rows[item.index]?.version ?? '')}
                onPress={press}
                onToggle={toggle}
                onOpen={open}
                onMenu={menu}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function Head({ newestFirst, onSort }: { newestFirst: boolean; onSort(): void }) {
  const Arrow = newestFirst ? IconArrowDown : IconArrowUp;
  return (
    <div role="rowgroup" className={classes.headGroup}>
      <div role="row" aria-rowindex={1} className={`${classes.row} ${classes.headRow}`}>
        <div role="columnheader" className={classes.check}>
          <span className="visually-hidden">Chosen</span>
        </div>
        <div role="columnheader" className={classes.status}>
          Status
        </div>
        <div
          role="columnheader"
          className={classes.name}
          aria-sort={newestFirst ? 'descending' : 'ascending'}
        >
          <button type="button" className={classes.sort} onClick={onSort}>
            Migration
            <span className="faint">{newestFirst ? 'newest first' : 'oldest first'}</span>
            <Arrow size={13} aria-hidden />
          </button>
        </div>
        <div role="columnheader" className={classes.tables}>
          Tables
        </div>
        <div role="columnheader" className={classes.author}>
          Author
        </div>
        <div role="columnheader" className={classes.when}>
          Applied
        </div>
        <div role="columnheader" className={classes.time}>
          Time
        </div>
        <div role="columnheader" className={classes.more}>
          <span className="visually-hidden">Actions</span>
        </div>
      </div>
    </div>
  );
}
