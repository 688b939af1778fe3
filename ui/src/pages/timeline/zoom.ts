/** What of the timeline is shown: kept in the address. Days are plain `YYYY-MM-DD`, as the backend counts them. Pure. */
import type { EventStatus, TimelineDay } from '../../api/types.generated';

export interface Zoom {
  from: string | null;
  to: string | null;
  groups: string[];
  author: string | null;
  query: string;
}

/** What the status pills say, and which statuses they mean. */
export const GROUPS: Array<{ id: string; label: string; statuses: EventStatus[] }> = [
  { id: 'applied', label: 'Applied', statuses: ['applied', 'running'] },
  { id: 'rolled_back', label: 'Rolled back', statuses: ['rolled_back'] },
  { id: 'failed', label: 'Failed', statuses: ['failed', 'interrupted', 'cancelled'] },
  { id: 'marked', label: 'Marked', statuses: ['marked'] },
  { id: 'elsewhere', label: 'Other tools', statuses: ['elsewhere'] },
];

export const PRESETS: Array<{ id: string; label: string; days: number | null }> = [
  { id: 'today', label: 'Today', days: 1 },
  { id: '7', label: '7 days', days: 7 },
  { id: '30', label: '30 days', days: 30 },
  { id: 'all', label: 'All', days: null },
];

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readZoom(params: URLSearchParams): Zoom {
  const day = (name: string) => {
    const value = params.get(name);
    return value && DAY.test(value) && isoOf(dateOf(value)) === value ? value : null;
  };
  const known = new Set(GROUPS.map((one) => one.id));
  return {
    from: day('from'),
    to: day('to'),
    groups: (params.get('status') ?? '').split(',').filter((one) => known.has(one)),
    author: params.get('author'),
    query: params.get('q') ?? '',
  };
}

/** The address with the zoom in it; what else is there (`event`) stays. */
export function writeZoom(zoom: Zoom, before: URLSearchParams): URLSearchParams {
  const params = new URLSearchParams(before);
  const values = { ...zoom, status: zoom.groups.join(','), q: zoom.query };
  for (const name of ['from', 'to', 'status', 'author', 'q'] as const) {
    const value = values[name];
    if (value) params.set(name, value);
    else params.delete(name);
  }
  return params;
}

export const isZoomed = (zoom: Zoom) => writeZoom(zoom, new URLSearchParams()).size > 0;

export const statusesOf = (zoom: Zoom): EventStatus[] =>
  GROUPS.filter((one) => zoom.groups.includes(one.id)).flatMap((one) => one.statuses);

/** The days within the zoom. What has no date is only part of the whole. */
export function within(days: TimelineDay[], zoom: Pick<Zoom, 'from' | 'to'>): TimelineDay[] {
  const { from, to } = zoom;
  if (!from && !to) return days;
  return days.filter((one) => one.day !== null && (!from || one.day >= from) && (!to || one.day <= to));
}

/** Noon: no change of the clocks makes it another day. */
export const dateOf = (day: string) => new Date(`${day}T12:00:00`);

export function isoOf(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function plusDays(day: string, days: number): string {
  const date = dateOf(day);
  date.setDate(date.getDate() + days);
  return isoOf(date);
}

export const daysBetween = (from: string, to: string) =>
  Math.round((dateOf(to).getTime() - dateOf(from).getTime()) / 86_400_000);

/** The preset the zoom is, or null for a range of one's own. */
export function presetOf(zoom: Pick<Zoom, 'from' | 'to'>, today: string): string | null {
  if (zoom.to) return null;
  if (!zoom.from) return 'all';
  return PRESETS.find((one) => one.days && plusDays(today, 1 - one.days) === zoom.from)?.id ?? null;
}

export function rangeOf(preset: string, today: string): Pick<Zoom, 'from' | 'to'> {
  const days = PRESETS.find((one) => one.id === preset)?.days;
  return { from: days ? plusDays(today, 1 - days) : null, to: null };
}

/** "Today", "Yesterday", "Sunday, 22 November 2026". */
export function dayWords(day: string | null, today: string): string {
  if (!day) return 'Before the ledger';
  if (day === today) return 'Today';
  if (day === plusDays(today, -1)) return 'Yesterday';
  const words = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  return words.format(dateOf(day));
}

export interface Bin {
  from: string;
  to: string;
  count: number;
  failed: number;
}

/** At most `most` bars of equal length from the first day to the last. */
export function binsOf(days: TimelineDay[], first: string, last: string, most = 96): Bin[] {
  const span = daysBetween(first, last) + 1;
  const each = Math.max(1, Math.ceil(span / most));
  const bins: Bin[] = Array.from({ length: Math.ceil(span / each) }, (_, at) => ({
    from: plusDays(first, at * each),
    to: plusDays(first, Math.min(at * each + each, span) - 1),
    count: 0,
    failed: 0,
  }));
  for (const one of days) {
    if (!one.day) continue;
    const bin = bins[Math.floor(daysBetween(first, one.day) / each)];
    if (bin) {
      bin.count += one.count;
      bin.failed += one.failed;
    }
  }
  return bins;
}
