/**
 * The list: of a hundred thousand events only those in sight are in the page. The arrows walk from event to event, Enter
 * opens the details, right and left show and hide the files.
 */
// biome-ignore-all lint/a11y/useSemanticElements: virtual rows are no <ul>.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: it scrolls, and the keys work on it.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { TimelineEvent } from '../../api/types.generated';
import { useCommands } from '../../lib/commands';
import { formatCount } from '../../lib/format';
import { DayHeading } from './DayHeading';
import { EventCard } from './EventCard';
import { dayAt, eventAt, type Layout, rowOf } from './layout';
import classes from './timeline.module.css';

const HEAD_PX = 44;
const EVENT_PX = 66;

interface Props {
  layout: Layout;
  eventOf(at: number): TimelineEvent | undefined;
  see(first: number, last: number): void;
  today: string;
  longestMs: number | null;
  ofAll: boolean;
  onOpen(id: string): void;
}

export function EventList({ layout, eventOf, see, today, longestMs, ofAll, onOpen }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  // The event the keys moved to: it gets the focus as soon as it is in the page.
  const wanted = useRef<number | null>(null);
  const [hasMoved, setHasMoved] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const list = useVirtualizer({
    count: layout.rows,
    getScrollElement: () => scroller.current,
    estimateSize: (row) => (eventAt(layout, row) === null ? HEAD_PX : EVENT_PX),
    overscan: 8,
    scrollPaddingStart: HEAD_PX,
    scrollPaddingEnd: 16,
    initialRect: { width: 1000, height: 600 },
  });
  const rows = list.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew where the rows are others.
  useEffect(() => list.measure(), [layout]);
  useEffect(() => {
    if (layout.events === 0) return;
    see(
      eventAt(layout, first) ?? eventAt(layout, first + 1) ?? 0,
      eventAt(layout, last) ?? layout.events - 1,
    );
  }, [layout, first, last, see]);
  useEffect(() => {
    if (wanted.current === null) return;
    const found = document.getElementById(`event-${wanted.current}`);
    if (!found) return;
    wanted.current = null;
    found.focus({ preventScroll: true });
  });

  const toggle = (id: string, wanted?: boolean) =>
    setOpen((before) => {
      const after = new Set(before);
      if (wanted ?? !before.has(id)) after.add(id);
      else after.delete(id);
      return after;
    });
  const moveTo = (at: number) => {
    const to = Math.max(0, Math.min(at, layout.events - 1));
    setActive(to);
    list.scrollToIndex(rowOf(layout, to), { align: 'auto' });
    wanted.current = to;
    setHasMoved(true);
  };
  const step = (by: number) => moveTo(hasMoved ? active + by : active);
  useCommands([
    { id: 'event-next', label: 'Next event', group: 'Timeline', keys: 'j', hidden: true, run: () => step(1) },
    {
      id: 'event-before',
      label: 'Event before',
      group: 'Timeline',
      keys: 'k',
      hidden: true,
      run: () => step(-1),
    },
  ]);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / EVENT_PX) - 1);
    const moves: Record<string, number> = {
      ArrowDown: active + (!hasMoved && event.target === event.currentTarget ? 0 : 1),
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: layout.events - 1,
    };
    const to = moves[event.key];
    const id = eventOf(active)?.id;
    if (to !== undefined) moveTo(to);
    else if (id && event.key === 'ArrowRight') toggle(id, true);
    else if (id && event.key === 'ArrowLeft') toggle(id, false);
    else return;
    event.preventDefault();
  };

  const top = list.scrollOffset ?? 0;
  const firstSeen = rows.find((one) => one.end > top)?.index ?? first;
  const sticky = top > 4 ? dayAt(layout, firstSeen) : undefined;
  return (
    <div className={classes.listBox}>
      {sticky && (
        <div className={classes.sticky} aria-hidden>
          <DayHeading day={sticky.day} today={today} bare />
        </div>
      )}
      <div
        ref={scroller}
        className={classes.scroller}
        role="list"
        aria-label={`Events, ${formatCount(layout.events)}`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div style={{ height: list.getTotalSize(), position: 'relative' }} role="presentation">
          {rows.map((row) => {
            const at = eventAt(layout, row.index);
            const event = at === null ? undefined : eventOf(at);
            return (
              <div
                key={row.key}
                ref={list.measureElement}
                data-index={row.index}
                className={classes.row}
                style={{ transform: `translateY(${row.start}px)` }}
                role="listitem"
                {...(at === null ? {} : { 'aria-setsize': layout.events, 'aria-posinset': at + 1 })}
              >
                {at === null ? (
                  <DayHeading day={dayAt(layout, row.index)?.day} today={today} />
                ) : event ? (
                  <EventCard
                    event={event}
                    at={at}
                    isActive={at === active}
                    isOpen={open.has(event.id)}
                    longestMs={longestMs}
                    ofAll={ofAll}
                    onToggle={() => toggle(event.id)}
                    onOpen={() => {
                      setActive(at);
                      onOpen(event.id);
                    }}
                  />
                ) : (
                  <div className={classes.coming} style={{ height: EVENT_PX }} />
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
