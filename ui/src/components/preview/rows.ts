/** A preview as the rows of one list: the files in order, their statements, what down restores. Pure. */
import type { Migration, Preview, PreviewFile, PreviewStatement } from '../../api/types.generated';
import type { FoldRow } from './FoldList';

/** How many there are, those among them that stand together or are left out. */
export const countStatements = (file: PreviewFile) =>
  file.statements.reduce((sum, one) => sum + one.statements, file.left_out);

/** Which statements: all, those with findings, those nobody understood. */
export type Shown = 'all' | 'risky' | 'unknown';

export type PreviewRow = FoldRow &
  (
    | { type: 'notes' }
    | {
        type: 'file';
        at: number;
        filename: string;
        migration: Migration | null;
        file: PreviewFile | null;
        isOpen: boolean;
      }
    | { type: 'about'; file: PreviewFile }
    | { type: 'statement'; file: PreviewFile; statement: PreviewStatement; isOpen: boolean }
    | { type: 'more'; leftOut: number }
    | { type: 'down'; file: PreviewFile }
  );

/** More statements than these are folded into their files at first. */
export const OPEN_UP_TO = 60;

interface Given {
  preview: Preview | null;
  /** In the order they run, as the plan says; empty for a text that is not saved. */
  planned: Migration[];
  shown: Shown;
  /** Turned by hand, by key: the opposite of what it is at first. */
  turned: ReadonlySet<string>;
  hasNotes: boolean;
}

const isShown = (one: PreviewStatement, shown: Shown) =>
  shown === 'all' || (shown === 'risky' ? one.findings.length > 0 : !one.understood);

export function rowsOf({ preview, planned, shown, turned, hasNotes }: Given): PreviewRow[] {
  const files = new Map(preview?.files.map((file) => [file.filename, file]));
  const order: Array<{ filename: string; migration: Migration | null; file: PreviewFile | null }> =
    planned.length > 0
      ? planned.map((migration) => ({
          filename: migration.filename,
          migration,
          file: files.get(migration.filename) ?? null,
        }))
      : (preview?.files ?? []).map((file) => ({ filename: file.filename, migration: null, file }));
  const many = (preview?.files ?? []).reduce((sum, file) => sum + file.statements.length, 0);
  const opensFirst = order.length === 1 || many <= OPEN_UP_TO;
  const rows: PreviewRow[] = hasNotes ? [{ type: 'notes', key: 'notes', size: 120, isNote: true }] : [];
  for (const [at, one] of order.entries()) {
    const key = `file ${one.filename}`;
    const { file } = one;
    const statements = (file?.statements ?? []).filter((each) => isShown(each, shown));
    if (shown !== 'all' && statements.length === 0) continue;
    const isOpen = (opensFirst || shown !== 'all') !== turned.has(key);
    rows.push({ type: 'file', key, size: 36, at, ...one, isOpen, isNote: !file });
    if (!file || !isOpen) continue;
    if (shown === 'all' && file.problems.length + file.findings.length > 0)
      rows.push({ type: 'about', key: `about ${one.filename}`, size: 60, file, isNote: true });
    for (const statement of statements) {
      const id = `statement ${one.filename} ${statement.index}`;
      rows.push({ type: 'statement', key: id, size: 50, file, statement, isOpen: turned.has(id) });
    }
    if (shown === 'all' && file.left_out > 0)
      rows.push({
        type: 'more',
        key: `more ${one.filename}`,
        size: 32,
        leftOut: file.left_out,
        isNote: true,
      });
    if (shown === 'all')
      rows.push({ type: 'down', key: `down ${one.filename}`, size: 64, file, isNote: true });
  }
  return rows;
}
