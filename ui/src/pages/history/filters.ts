/** What of history is shown: kept in the address, so that it survives a reload and can be sent to somebody. Pure. */
import type { Request } from '../../api/invoke';
import type { Direction, EnvironmentKind, RunOutcome } from '../../api/types.generated';

export interface Filters {
  query: string;
  state: RunOutcome | null;
  direction: Direction | null;
  author: string | null;
  environment: EnvironmentKind | null;
  /** Days, as YYYY-MM-DD in local time, both included. */
  from: string | null;
  to: string | null;
  everywhere: boolean;
}

export const NO_FILTERS: Filters = {
  query: '',
  state: null,
  direction: null,
  author: null,
  environment: null,
  from: null,
  to: null,
  everywhere: false,
};

export const STATES = ['ok', 'failed', 'cancelled', 'interrupted'] as const;
export const DIRECTIONS = ['up', 'down'] as const;
export const ENVIRONMENTS = ['development', 'test', 'staging', 'production'] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readFilters(params: URLSearchParams): Filters {
  const oneOf = <T extends string>(name: string, known: readonly T[]): T | null => {
    const value = params.get(name) as T | null;
    return value && known.includes(value) ? value : null;
  };
  const day = (name: string) => {
    const value = params.get(name);
    return value && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
  };
  return {
    query: params.get('q') ?? '',
    state: oneOf('state', STATES),
    direction: oneOf('direction', DIRECTIONS),
    author: params.get('author'),
    environment: oneOf('environment', ENVIRONMENTS),
    from: day('from'),
    to: day('to'),
    everywhere: params.get('all') === '1',
  };
}

/** The address with these filters; what else it says (an open record) stays. */
export function writeFilters(filters: Filters, before = new URLSearchParams()): URLSearchParams {
  const params = new URLSearchParams(before);
  const set = (name: string, value: string | null) => (value ? params.set(name, value) : params.delete(name));
  set('q', filters.query || null);
  for (const name of ['state', 'direction', 'author', 'environment', 'from', 'to'] as const)
    set(name, filters[name]);
  set('all', filters.everywhere ? '1' : null);
  return params;
}

export const isFiltered = ({ everywhere: _, ...filters }: Filters) =>
  writeFilters({ ...filters, everywhere: false }).size > 0;

/** What the channel is asked. */
export function asked(filters: Filters, connection: string): Request<'history:list'> {
  return {
    ...(filters.everywhere ? {} : { connection }),
    ...(filters.query.trim() && { query: filters.query.trim() }),
    ...(filters.state && { state: filters.state }),
    ...(filters.direction && { direction: filters.direction }),
    ...(filters.author && { author: filters.author }),
    ...(filters.environment && { environment: filters.environment }),
    ...(filters.from && { from: startOf(filters.from, 0) }),
    ...(filters.to && { to: startOf(filters.to, 1) }),
  };
}

/** The first moment of a local day, or of the one `days` after it. */
function startOf(day: string, days: number): string {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + days).toISOString();
}
