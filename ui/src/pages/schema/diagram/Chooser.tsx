/** Every table as a list beside the canvas: to find one, to choose what is drawn, and for those who do not see the canvas. */
import { ActionIcon, Checkbox, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { IconAffiliate, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useMemo, useRef, useState } from 'react';
import type { Diagram, DiagramChoice } from '../../../api/types.generated';
import { formatCount, plural } from '../../../lib/format';
import { matching, nameOf } from '../names';
import classes from './diagram.module.css';

const ROW_PX = 30;

interface Props {
  diagram: Diagram;
  search: RefObject<HTMLInputElement | null>;
  chosen: string | null;
  /** What is ticked: drawn, or asked for and on its way. */
  ticked: ReadonlySet<string>;
  /** Null where the backend chose what is drawn. */
  depth: number | null;
  /** Show a table: in the middle where it is drawn, else with its surroundings. */
  onFind(id: string): void;
  onToggle(id: string, isShown: boolean): void;
  onSurroundings(id: string): void;
  onDepth(depth: number): void;
}

export function Chooser({
  diagram,
  search,
  chosen,
  ticked,
  depth,
  onFind,
  onToggle,
  onSurroundings,
  onDepth,
}: Props) {
  const [typed, setTyped] = useState('');
  const drawn = useMemo(() => new Set(diagram.nodes.map((one) => one.id)), [diagram]);
  const name = (choice: DiagramChoice) => nameOf(choice.id, diagram.default_schema);
  // What is drawn comes first, where that is only a part.
  const all = useMemo(
    () => [
      ...diagram.choices.filter((one) => drawn.has(one.id)),
      ...diagram.choices.filter((one) => !drawn.has(one.id)),
    ],
    [diagram, drawn],
  );
  const found = useMemo(
    () => matching(all, typed, (choice) => nameOf(choice.id, diagram.default_schema)),
    [all, diagram.default_schema, typed],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  return (
    <aside className={classes.chooser} aria-label="Tables of the diagram">
      <div className={classes.chooserHead}>
        <TextInput
          ref={search}
          aria-label="Find a table"
          placeholder={`Find among ${plural(diagram.total, 'table')}`}
          leftSection={<IconSearch size={14} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setTyped('');
            const first = found[0];
            if (event.key === 'Enter' && first) onFind(first.id);
          }}
        />
        {diagram.partial && (
          <div className={classes.depth}>
            <span className="dim" id="diagram-depth">
              Relations away
            </span>
            <SegmentedControl
              size="xs"
              aria-labelledby="diagram-depth"
              data={['0', '1', '2', '3']}
              value={depth === null ? '' : String(depth)}
              onChange={(value) => onDepth(Number(value))}
            />
          </div>
        )}
      </div>
      {found.length === 0 && <p className={classes.none}>No table is called “{typed}”.</p>}
      <div ref={scroller} className={classes.chooserList}>
        <ul style={{ height: rows.getTotalSize() }} aria-label="Tables">
          {rows.getVirtualItems().map((row) => {
            const choice = found[row.index];
            if (!choice) return null;
            const isDrawn = ticked.has(choice.id);
            return (
              <li
                key={choice.id}
                className={`${classes.choice} ${choice.id === chosen ? classes.choiceNow : ''}`}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <Checkbox
                  size="xs"
                  aria-label={`Draw ${name(choice)}`}
                  checked={isDrawn}
                  onChange={() => onToggle(choice.id, !isDrawn)}
                />
                <button
                  type="button"
                  className={classes.choiceName}
                  aria-current={choice.id === chosen ? 'true' : undefined}
                  title={name(choice)}
                  onClick={() => onFind(choice.id)}
                >
                  <span className="truncate">{name(choice)}</span>
                </button>
                <span
                  className={`tabular ${classes.choiceCount}`}
                  title={plural(choice.relations, 'related table')}
                >
                  {choice.relations > 0 ? formatCount(choice.relations) : ''}
                </span>
                <Tooltip label="Only this one and what is around it">
                  <ActionIcon
                    className={classes.around}
                    size={22}
                    variant="subtle"
                    color="gray"
                    aria-label={`Surroundings of ${name(choice)}`}
                    onClick={() => onSurroundings(choice.id)}
                  >
                    <IconAffiliate size={14} />
                  </ActionIcon>
                </Tooltip>
              </li>
            );
          })}
        </ul>
      </div>
    </aside>
  );
}
