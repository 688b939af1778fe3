/** What of the list is shown: kept in the address, so that it survives a reload and can be sent to somebody. Pure. */
import type { Migration, MigrationFlag, MigrationStatus } from '../../api/types.generated';

export interface Filters {
  query: string;
  status: MigrationStatus | null;
  flag: MigrationFlag | null;
  table: string | null;
  author: string | null;
}

export const NO_FILTERS: Filters = { query: '', status: null, flag: null, table: null, author: null };

const STATUSES: readonly string[] = ['applied', 'pending', 'failed'];
const FLAGS: readonly string[] = [
  'edited',
  'missing_file',
  'out_of_order',
  'duplicate_version',
  'invalid',
  'partial',
];

export function readFilters(params: URLSearchParams): Filters {
  const oneOf = (name: string, known: readonly string[]) => {
    const value = params.get(name);
    return value && known.includes(value) ? value : null;
  };
  return {
    query: params.get('q') ?? '',
    status: oneOf('status', STATUSES) as Filters['status'],
    flag: oneOf('flag', FLAGS) as Filters['flag'],
    table: params.get('table'),
    author: params.get('author'),
  };
}

export function writeFilters(filters: Filters): URLSearchParams {
  const params = new URLSearchParams();
  if (filters.query) params.set('q', filters.query);
  for (const name of ['status', 'flag', 'table', 'author'] as const) {
    const value = filters[name];
    if (value) params.set(name, value);
  }
  return params;
}

export const isFiltered = (filters: Filters) => writeFilters(filters).size > 0;

/** Those that match everything. `inText`: filenames whose text holds the words, as the backend found them. */
export function filterMigrations(
  migrations: Migration[],
  filters: Filters,
  inText: ReadonlySet<string> | null,
): Migration[] {
  const words = filters.query.toLowerCase().split(/\s+/).filter(Boolean);
  const matchesWords = (one: Migration) =>
    words.length === 0 ||
    inText?.has(one.filename) ||
    words.every((word) => one.filename.toLowerCase().includes(word) || one.version.includes(word));
  return migrations.filter(
    (one) =>
      (!filters.status || one.status === filters.status) &&
      (!filters.flag || one.flags.includes(filters.flag)) &&
      (!filters.table || one.tables.includes(filters.table)) &&
      (!filters.author || one.author === filters.author) &&
      matchesWords(one),
  );
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
