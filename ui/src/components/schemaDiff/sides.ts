/** The two sides of a comparison as they are picked, and what the backend is asked for. Pure. */
import type { Answer } from '../../api/invoke';
import type { Connection, SchemaSourceInput } from '../../api/types.generated';

export type Comparison = Answer<'schema:compare'>;
export type Generated = Answer<'schema:generate'>;

export type SideKind =
  | 'live'
  | 'other'
  | 'file'
  | 'applied'
  | 'migrations'
  | 'revision'
  | 'revisionFiles'
  | 'path'
  | 'url';

export interface Side {
  kind: SideKind;
  /** `other`: the connection's id. */
  connection?: string;
  /** `migrations`: replay up to and including this version; all where empty. */
  to?: string;
  revision?: string;
  path?: string;
  url?: string;
}

export const KINDS: Array<{ kind: SideKind; label: (connection: Connection) => string }> = [
  { kind: 'live', label: (one) => `${one.name}, as it is now` },
  { kind: 'other', label: () => 'Another connection' },
  { kind: 'file', label: (one) => schemaFileOf(one) },
  { kind: 'applied', label: () => 'Applied migrations, replayed' },
  { kind: 'migrations', label: () => 'Migrations, replayed' },
  { kind: 'revision', label: (one) => `${schemaFileOf(one)} of a git revision` },
  { kind: 'revisionFiles', label: () => 'Migrations of a git revision' },
  { kind: 'path', label: () => 'A file or dump' },
  { kind: 'url', label: () => 'A database by its URL' },
];

export const LIVE: Side = { kind: 'live' };
export const APPLIED: Side = { kind: 'applied' };

export const schemaFileOf = (connection: Connection) =>
  connection.schema_file.split(/[\\/]/).at(-1) ?? 'schema.sql';

/** What the backend is asked for; null while something has not been said yet. */
export function requestOf(side: Side, connection: Connection): SchemaSourceInput | null {
  const { id, engine } = connection;
  const revision = side.revision?.trim();
  switch (side.kind) {
    case 'live':
      return { connection: id };
    case 'other':
      return side.connection ? { connection: side.connection } : null;
    case 'file':
      return { file: connection.schema_file, engine };
    case 'applied':
      return { migrations: id, applied: true };
    case 'migrations':
      return side.to ? { migrations: id, to: side.to } : { migrations: id };
    case 'revision':
      return revision ? { connection: id, revision } : null;
    case 'revisionFiles':
      return revision ? { migrations: id, revision } : null;
    case 'path':
      return side.path?.trim() ? { file: side.path.trim(), engine } : null;
    case 'url':
      return side.url?.trim() ? { url: side.url.trim() } : null;
  }
}

/** What is still to be said of a side, as a sentence; null where it is complete. */
export function missingOf(side: Side): string | null {
  if (side.kind === 'other' && !side.connection) return 'Choose the other connection.';
  if (side.kind.startsWith('revision') && !side.revision?.trim())
    return 'Name the revision: a commit, branch or tag.';
  if (side.kind === 'path' && !side.path?.trim()) return 'Give the path of the file.';
  if (side.kind === 'url' && !side.url?.trim()) return 'Give the URL of the database.';
  return null;
}

export const isSame = (a: Side, b: Side) => JSON.stringify(a) === JSON.stringify(b);

/** The live database against what its applied migrations make: that is drift. */
export const isDrift = (from: Side, to: Side) => from.kind === 'applied' && to.kind === 'live';
