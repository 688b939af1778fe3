/** A migration's text while it is edited: as two halves or as the whole file. Pure. */
import type { Request } from '../../api/invoke';
import type { MigrationContent } from '../../api/types.generated';
import { composeFile, findHalves, type Halves, withTransaction } from '../../editor/halves';

export type View = 'split' | 'raw';

export interface Texts {
  view: View;
  up: string;
  down: string;
  /** Only of meaning in the raw view. */
  content: string;
  transaction: boolean;
}

/** What the texts started from, with what is derived from it once. */
export interface Base {
  file: MigrationContent;
  halves: Halves;
  transaction: boolean;
  /** False where the file's form has no two halves: it is then edited as a whole. */
  splittable: boolean;
}

// A file of this form has no halves, or more than two.
const WHOLE_ONLY = new Set([
  'several_up_blocks',
  'several_down_blocks',
  'wrong_order',
  'no_up',
  'statement_before_up',
  'syntax_error',
  'exports_unknown',
  'default_hides_up',
  'utf16',
]);

export const isJavaScript = (filename: string) => /\.[mc]?[jt]s$/.test(filename);

export function baseOf(file: MigrationContent): Base {
  const halves = findHalves(file.content, file.up, file.down);
  const broken = file.migration.problems.some((one) => WHOLE_ONLY.has(one.code));
  return {
    file,
    halves,
    transaction: file.migration.transaction ?? true,
    splittable: !broken && (halves.up !== null || isJavaScript(file.migration.filename)),
  };
}

export function textsOf(base: Base, view: View): Texts {
  const { content, up, down } = base.file;
  return { view: base.splittable ? view : 'raw', up, down, content, transaction: base.transaction };
}

export const isDirty = (texts: Texts, { file, transaction }: Base) =>
  texts.view === 'raw'
    ? texts.content !== file.content
    : texts.up !== file.up || texts.down !== file.down || texts.transaction !== transaction;

/** The whole file as it would be saved; null where only the backend can put the halves into their places. */
export function wholeOf(texts: Texts, base: Base): string | null {
  if (texts.view === 'raw') return texts.content;
  const whole = composeFile(base.file.content, base.halves, base.file, texts);
  if (whole === null || texts.transaction === base.transaction) return whole;
  return withTransaction(whole, texts.transaction);
}

/** The other view of the same text. Null where it must be saved first. */
export function switchView(texts: Texts, base: Base, to: View): Texts | null {
  if (texts.view === to) return texts;
  if (!isDirty(texts, base)) return textsOf(base, to);
  if (to === 'split') return null;
  const content = wholeOf(texts, base);
  return content === null ? null : { ...texts, view: 'raw', content };
}

/** What `migration:update` is told: only what changed. */
export function updateOf(
  texts: Texts,
  base: Base,
): Pick<Request<'migration:update'>, 'content' | 'up' | 'down' | 'transaction'> {
  if (texts.view === 'raw') return { content: texts.content };
  return {
    ...(texts.up === base.file.up ? {} : { up: texts.up }),
    ...(texts.down === base.file.down ? {} : { down: texts.down }),
    ...(texts.transaction === base.transaction ? {} : { transaction: texts.transaction }),
  };
}

export const encodeDraft = (texts: Texts): string =>
  JSON.stringify(
    texts.view === 'raw' ? { view: 'raw', content: texts.content } : { ...texts, content: undefined },
  );

/** A draft as texts; null for one that cannot be read. */
export function decodeDraft(text: string, base: Base): Texts | null {
  try {
    const draft = JSON.parse(text) as Partial<Texts>;
    const fresh = textsOf(base, 'split');
    if (draft.view === 'raw' && typeof draft.content === 'string')
      return { ...fresh, view: 'raw', content: draft.content };
    if (typeof draft.up !== 'string' || typeof draft.down !== 'string') return null;
    return {
      ...fresh,
      view: 'split',
      up: draft.up,
      down: draft.down,
      transaction: draft.transaction ?? fresh.transaction,
    };
  } catch {
    return null;
  }
}
