/** The stretch of time that is looked at, kept in the address. Pure. */

export const RANGES = [
  { id: '7d', label: '7 days', days: 7 },
  { id: '30d', label: '30 days', days: 30 },
  { id: '90d', label: '90 days', days: 90 },
  { id: '1y', label: '1 year', days: 365 },
  { id: 'all', label: 'All time', days: null },
] as const;

export type RangeId = (typeof RANGES)[number]['id'];

export const readRange = (params: URLSearchParams): RangeId =>
  RANGES.find(({ id }) => id === params.get('range'))?.id ?? '90d';

/** The first moment of the range: the beginning of a local day, so that the same question is asked all day. */
export function since(range: RangeId, now = new Date()): string | undefined {
  const days = RANGES.find(({ id }) => id === range)?.days ?? null;
  if (days === null) return undefined;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1).toISOString();
}
