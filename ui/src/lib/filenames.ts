/** A migration's filename in its parts. Pure. */

/** "20260101000003_create_users.sql" → "create_users"; the filename itself where there is no name in it. */
export function nameOfFile(filename: string): string {
  const bare = filename.replace(/\.(sql|[cm]?[jt]s)$/, '');
  return bare.replace(/^\d+[-_]?/, '') || bare;
}

/** "20260101000003_create_users.sql" → "20260101000003"; empty where it has no number. */
export const versionOfFile = (filename: string): string => /^\d+/.exec(filename)?.[0] ?? '';
