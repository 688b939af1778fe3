/** What of the list is shown: kept in the address, so that it survives a reload and can be sent to somebody. Pure. */
import type { Migration, MigrationFlag, MigrationStatus } from '../../api/types.generated';

export interface Filters {
  query: string;
  status: MigrationStatus | null;
  flags: MigrationFlag[];
  tables: string[];
  authors: string[];
  /** Days, `2026-01-31`, both included: when it was applied. */
  from: string | null;
  to: string | null;
}

export const NO_FILTERS: Filters = {
  query: '',
  status: null,
  flags: [],
  tables: [],
  authors: [],
  from: null,
  to: null,
};

export const STATUSES: readonly MigrationStatus[] = ['applied', 'pending', 'failed'];
export const ALL_FLAGS: readonly MigrationFlag[] = [
  'edited',
  'missing_file',
  'out_of_order',
  'duplicate_version',
  'invalid',
  'partial',
];
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function readFilters(params: URLSearchParams): Filters {
  const day = (name: string) => {
    const value = params.get(name);
    return value && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
  };
  const texts = (name: string) => [...new Set(params.getAll(name).filter(Boolean))];
  const status = params.get('status') as MigrationStatus | null;
  return {
    query: params.get('q') ?? '',
    status: status && STATUSES.includes(status) ? status : null,
    flags: texts('flag').filter((one): one is MigrationFlag =>
      (ALL_FLAGS as readonly string[]).includes(one),
    ),
    tables: texts('table'),
    authors: texts('author'),
    from: day('from'),
    to: day('to'),
  };
}

export function writeFilters(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (filters.query) params.set('q', filters.query);
  if (filters.status) params.set('status', filters.status);
  for (const flag of filters.flags) params.append('flag', flag);
  for (const table of filters.tables) params.append('table', table);
  for (const author of filters.authors) params.append('author', author);
  if (filters.from) params.set('from', filters.from);
  if (filters.to) params.set('to', filters.to);
  return params;
}

export const isFiltered = (filters: Filters) => writeFilters(filters).size > 0;

/** Those that match everything. `found`: filenames that match what is typed, as the backend found them; null: any. */
export function filterMigrations(
  migrations: Migration[],
  filters: Filters,
  found: ReadonlySet<string> | null,
): Migration[] {
  const low = filters.from === null ? Number.NEGATIVE_INFINITY : startOf(filters.from);
  const high = filters.to === null ? Number.POSITIVE_INFINITY : startOf(filters.to, 1);
  const dated = filters.from !== null || filters.to !== null;
  const tables = filters.tables.map((one) => one.toLowerCase());
  const authors = filters.authors.map((one) => one.toLowerCase());
  const isWithin = (at: string | null) => {
    const time = at === null ? Number.NaN : Date.parse(at);
    return time >= low && time < high;
  };
  return migrations.filter(
    (one) =>
      (found === null || found.has(one.filename)) &&
      (filters.status === null || one.status === filters.status) &&
      (filters.flags.length === 0 || filters.flags.some((flag) => one.flags.includes(flag))) &&
      (tables.length === 0 || one.tables.some((table) => isOneOf(table.toLowerCase(), tables))) &&
      (authors.length === 0 || authors.includes((one.author ?? '').toLowerCase())) &&
      (!dated || isWithin(one.applied_at)),
  );
}

/** Exactly the name; a filter without a schema takes the table of any. */
const isOneOf = (table: string, wanted: string[]) =>
  wanted.includes(table) || wanted.includes(table.slice(table.lastIndexOf('.') + 1));

/** The beginning of a day where the user is, in ms; `later`: of so many days after it. */
function startOf(day: string, later = 0): number {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}

export interface Choices {
  flags: MigrationFlag[];
  tables: string[];
  authors: string[];
}

/** What there is to filter by: only what occurs. */
export function choicesOf(migrations: Migration[]): Choices {
  const flags = new Set<MigrationFlag>();
  const tables = new Set<string>();
  const authors = new Set<string>();
  for (const one of migrations) {
    for (const flag of one.flags) flags.add(flag);
    for (const table of one.tables) tables.add(table);
    if (one.author) authors.add(one.author);
  }
  return { flags: [...flags].sort(), tables: [...tables].sort(), authors: [...authors].sort() };
}
