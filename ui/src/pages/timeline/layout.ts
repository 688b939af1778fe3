/** The rows of the timeline: a heading for each day, then its events. Computed of the days alone, before any event is here. */
import type { TimelineDay } from '../../api/types.generated';

export interface DayPlace {
  day: TimelineDay;
  /** Row of its heading. */
  row: number;
  /** Place of its first event among all. */
  event: number;
}

export interface Layout {
  days: DayPlace[];
  rows: number;
  events: number;
}

export function layOut(days: TimelineDay[]): Layout {
  let row = 0;
  let event = 0;
  const places = days.map((day) => {
    const place = { day, row, event };
    row += day.count + 1;
    event += day.count;
    return place;
  });
  return { days: places, rows: row, events: event };
}

/** The day a row belongs to. */
export function dayAt(layout: Layout, row: number): DayPlace | undefined {
  let low = 0;
  let high = layout.days.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.days[middle] as DayPlace).row <= row) low = middle;
    else high = middle - 1;
  }
  return layout.days[low];
}

/** The event of a row, or null for a heading. */
export function eventAt(layout: Layout, row: number): number | null {
  const place = dayAt(layout, row);
  return !place || row === place.row ? null : place.event + (row - place.row - 1);
}

/** The row of an event. */
export function rowOf(layout: Layout, event: number): number {
  let low = 0;
  let high = layout.days.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.days[middle] as DayPlace).event <= event) low = middle;
    else high = middle - 1;
  }
  const place = layout.days[low];
  return place ? place.row + 1 + (event - place.event) : 0;
}
