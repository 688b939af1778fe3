/** The statements of the file: what each does to what. The one with the cursor is marked; a click goes there. */
import { IconArrowsExchange, IconDatabaseEdit, IconPlus, IconPoint, IconTrash } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useMemo, useRef } from 'react';
import type { Halves } from '../../editor/halves';
import type { Dialect } from '../../editor/languages';
import { isLarge } from '../../editor/languages';
import { type OutlineItem, outlineOf } from '../../editor/outline';
import { plural } from '../../lib/format';
import { type Store, useStore } from '../../lib/store';
import type { Texts } from './document';
import type { PaneName } from './Panes';
import classes from './side.module.css';

/** Where the cursor stands: the pane, and the line in its text. */
export interface CursorLine {
  pane: PaneName;
  line: number;
}

interface Props {
  texts: Texts;
  dialect: Dialect;
  /** Where the halves begin in the file: lines are shown as the editor shows them. */
  halves: Halves;
  cursor: Store<CursorLine>;
  onGo(pane: PaneName, line: number): void;
}

interface Group {
  pane: PaneName;
  title: string;
  items: OutlineItem[];
}

const SHOWN = 1000;

export function Outline({ texts, dialect, halves, cursor, onGo }: Props) {
  const late = useDeferredValue(texts);
  const at = useStore(cursor);
  const list = useRef<HTMLDivElement>(null);
  const tooLarge = isLarge(late.view === 'raw' ? late.content : late.up + late.down);
  const groups = useMemo(() => (tooLarge ? [] : groupsOf(late, dialect)), [late, dialect, tooLarge]);
  const current = groups
    .filter((one) => one.pane === at.pane)
    .flatMap((one) => one.items)
    .findLast((one) => one.line <= at.line);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another statement is current.
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [current?.start, at.pane]);

  if (tooLarge) return <p className={classes.empty}>The file is too large for an outline.</p>;
  if (groups.every((one) => one.items.length === 0))
    return <p className={classes.empty}>No statements yet: each that is written is listed here.</p>;
  return (
    <div ref={list} className={classes.scroll}>
      {groups.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3 className={classes.groupHead}>
            {group.title} <span className="faint">{plural(group.items.length, 'statement')}</span>
          </h3>
          <ul className={classes.list}>
            {group.items.slice(0, SHOWN).map((one) => (
              <li key={one.start}>
                <button
                  type="button"
                  className={classes.item}
                  aria-current={one === current ? 'true' : undefined}
                  onClick={() => onGo(group.pane, one.line)}
                >
                  <Mark kind={one.kind} />
                  <span className={classes.said} title={`${one.verb} ${one.object}`}>
                    <span className={classes.object}>{one.object || one.verb}</span>
                    {one.object && <span className={`faint ${classes.verb}`}>{one.verb}</span>}
                  </span>
                  <span className={`faint tabular ${classes.line}`}>
                    {one.line + (group.pane === 'raw' ? 0 : (halves[group.pane]?.line ?? 1) - 1)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {group.items.length > SHOWN && (
            <p className={classes.empty}>and {group.items.length - SHOWN} more</p>
          )}
        </section>
      ))}
    </div>
  );
}

function Mark({ kind }: Pick<OutlineItem, 'kind'>) {
  const Icon = {
    create: IconPlus,
    alter: IconArrowsExchange,
    drop: IconTrash,
    data: IconDatabaseEdit,
    other: IconPoint,
  }[kind];
  return <Icon size={14} className="faint" aria-hidden />;
}

const DOWN = /^--[ \t]*migrate:down\b/m;

function groupsOf(texts: Texts, dialect: Dialect): Group[] {
  if (texts.view === 'split')
    return [
      { pane: 'up', title: 'Up', items: outlineOf(texts.up, dialect) },
      { pane: 'down', title: 'Down', items: outlineOf(texts.down, dialect) },
    ];
  const items = outlineOf(texts.content, dialect);
  const down = dialect === 'mongodb' ? null : DOWN.exec(texts.content);
  if (!down) return [{ pane: 'raw', title: 'File', items }];
  return [
    { pane: 'raw', title: 'Up', items: items.filter((one) => one.start < down.index) },
    { pane: 'raw', title: 'Down', items: items.filter((one) => one.start > down.index) },
  ];
}
