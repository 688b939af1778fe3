/** Which language an engine's files are written in: for highlighting, completion, formatting and quoting. Pure. */
import type { EngineName } from '../api/types.generated';

/** The dialect decides keywords, snippets, formatting and quotes. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite' | 'clickhouse' | 'bigquery' | 'spanner' | 'mongodb';

export type LanguageId = 'sql' | 'pgsql' | 'mysql' | 'javascript' | 'typescript' | 'plaintext';

const SQL_LANGUAGE: Record<Exclude<Dialect, 'mongodb'>, LanguageId> = {
  postgres: 'pgsql',
  mysql: 'mysql',
  sqlite: 'sql',
  clickhouse: 'sql',
  bigquery: 'sql',
  spanner: 'sql',
};

export const dialectOf = (engine: EngineName): Dialect => engine;

export function languageOf(engine: EngineName, filename: string): LanguageId {
  if (engine !== 'mongodb') return SQL_LANGUAGE[engine];
  return /\.[mc]?ts$/.test(filename) ? 'typescript' : 'javascript';
}

/** Above this a file is shown without colours and completion, so that typing stays quick. */
export const LARGE_CHARACTERS = 800_000;

export const isLarge = (text: string) => text.length > LARGE_CHARACTERS;
