/** The whole span as a strip of bars; a range is drawn on it, or set with the two handles (arrow keys too). */
import { RangeSlider } from '@mantine/core';
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { TimelineDay } from '../../api/types.generated';
import { formatCount, plural } from '../../lib/format';
import classes from './timeline.module.css';
import { binsOf, dateOf, type Zoom } from './zoom';

interface Props {
  days: TimelineDay[];
  first: string;
  last: string;
  zoom: Zoom;
  onChange(part: Partial<Zoom>): void;
}

const FEWEST = 3;
const WORDS = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

export function Density({ days, first, last, zoom, onChange }: Props) {
  const bins = useMemo(() => binsOf(days, first, last), [days, first, last]);
  const most = Math.max(1, ...bins.map((one) => one.count));
  const end = bins.length - 1;
  const fromBin = zoom.from ? bins.findIndex((one) => one.to >= (zoom.from ?? '')) : 0;
  const toBin = zoom.to ? bins.findLastIndex((one) => one.from <= (zoom.to ?? '')) : end;
  const chosen: [number, number] = [fromBin < 0 ? end : fromBin, Math.max(toBin, 0)];
  const [range, setRange] = useState<[number, number]>(chosen);
  const [low, high] = chosen;
  useEffect(() => setRange([low, high]), [low, high]);
  const start = useRef<number | null>(null);
  if (bins.length < FEWEST) return null;

  const settle = ([from, to]: [number, number]) =>
    onChange({
      from: from === 0 ? null : (bins[from]?.from ?? null),
      to: to === end ? null : (bins[to]?.to ?? null),
    });
  const binUnder = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = Math.floor(((event.clientX - box.left) / box.width) * bins.length);
    return Math.max(0, Math.min(end, at));
  };
  const drawn = (event: PointerEvent<HTMLDivElement>): [number, number] => {
    const at = binUnder(event);
    const from = start.current ?? at;
    return [Math.min(from, at), Math.max(from, at)];
  };
  const dayWords = (day: string | undefined) => (day ? WORDS.format(dateOf(day)) : '');
  const total = bins.reduce((sum, one) => sum + one.count, 0);
  return (
    <div className={classes.density}>
      <div
        className={classes.bars}
        role="img"
        aria-label={`${plural(total, 'event')} from ${dayWords(first)} to ${dayWords(last)}; the busiest bar has ${formatCount(most)}`}
        onPointerDown={(event) => {
          start.current = binUnder(event);
          event.currentTarget.setPointerCapture(event.pointerId);
          setRange(drawn(event));
        }}
        onPointerMove={(event) => {
          if (start.current !== null) setRange(drawn(event));
        }}
        onPointerUp={(event) => {
          if (start.current === null) return;
          const found = drawn(event);
          start.current = null;
          settle(found);
        }}
        onPointerCancel={() => {
          start.current = null;
          setRange(chosen);
        }}
      >
        {bins.map((one, at) => (
          <span
            key={one.from}
            className={classes.barSlot}
            data-out={at < range[0] || at > range[1] || undefined}
            title={`${dayWords(one.from)}${one.to === one.from ? '' : ` – ${dayWords(one.to)}`}: ${plural(one.count, 'event')}${one.failed ? `, ${formatCount(one.failed)} failed` : ''}`}
          >
            <span className={classes.bar} style={{ height: heightOf(one.count, most) }}>
              <span className={classes.barBad} style={{ flexGrow: one.failed }} />
              <span className={classes.barGood} style={{ flexGrow: one.count - one.failed }} />
            </span>
          </span>
        ))}
      </div>
      <RangeSlider
        className={classes.handles}
        size={2}
        min={0}
        max={end}
        minRange={0}
        value={range}
        onChange={setRange}
        onChangeEnd={settle}
        label={(at) => dayWords(bins[at]?.from)}
        thumbFromLabel="First day shown"
        thumbToLabel="Last day shown"
      />
      <div className={classes.scale} aria-hidden>
        <span>{dayWords(first)}</span>
        <span>{dayWords(last)}</span>
      </div>
    </div>
  );
}

/** By the square root: one busy day does not flatten all others. */
const heightOf = (count: number, most: number) =>
  count === 0 ? 0 : `${Math.max(10, Math.sqrt(count / most) * 100)}%`;
