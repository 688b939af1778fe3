/** What the wizard has been told so far, and what follows from it. Pure: no step forgets what another was told. */
import type { RenderedFile, RenderedTemplate, Template } from '../../api/types.generated';
import { composeFile, findHalves } from '../../editor/halves';

export type Step = 'start' | 'describe' | 'review';
export type Values = Record<string, unknown>;

/** A file's text as the user changed it. */
export interface EditedFile {
  up: string;
  down: string;
}

/** Texts changed by hand, and the signature of the rendered text they were changed from. */
export interface Edited {
  of: string;
  files: Record<number, EditedFile>;
}

export interface WizardState {
  step: Step;
  /** The template's id, or null for a blank migration. Undefined before either is chosen. */
  template?: string | null;
  /** Empty: the template names it. */
  name: string;
  /** By template, so that looking at another one loses nothing. */
  values: Record<string, Values>;
  /** By template as well. */
  edited: Record<string, Edited>;
  /** What the schema diff wrote; only of `DIFF`. */
  diff: RenderedTemplate | null;
  /** Files already written by a save that stopped half way. */
  made: string[];
}

export const EMPTY: WizardState = { step: 'start', name: '', values: {}, edited: {}, diff: null, made: [] };

/** Stands for a template: the text comes from a comparison of two schemas. No template has such an id. */
export const DIFF = '@diff';

/** The same for a folder of another tool: it is converted as a whole, without the steps after it. */
export const CONVERT = '@convert';

export const valuesOf = (state: WizardState): Values =>
  (state.template ? state.values[state.template] : undefined) ?? {};

export const editedOf = (state: WizardState): Edited | null =>
  (state.template ? state.edited[state.template] : undefined) ?? null;

/** The texts of the chosen template changed, or (null) as rendered again. */
export function withEdited(state: WizardState, edited: Edited | null): Pick<WizardState, 'edited'> {
  const { [state.template ?? '']: _before, ...others } = state.edited;
  return { edited: edited ? { ...others, [state.template ?? '']: edited } : others };
}

/** Whether there is anything that would be missed. */
export const isStarted = (state: WizardState) =>
  state.name.trim() !== '' ||
  state.diff !== null ||
  hasAny(state.edited) ||
  Object.values(state.values).some(hasAny);

const hasAny = (values: object) => Object.keys(values).length > 0;

/** A draft as state; null for one that cannot be read. */
export function decodeState(text: string): WizardState | null {
  try {
    const kept = JSON.parse(text) as Partial<WizardState>;
    if (
      typeof kept !== 'object' ||
      kept === null ||
      !['start', 'describe', 'review'].includes(kept.step ?? '')
    )
      return null;
    const state = { ...EMPTY, ...kept };
    return state.template === undefined ? { ...state, step: 'start' } : state;
  } catch {
    return null;
  }
}

/** Two renderings that are the same text have the same signature. */
export const signatureOf = (rendered: RenderedTemplate) =>
  JSON.stringify(rendered.files.map((file) => file.content));

/** The files as they would be written: as rendered, with what was changed by hand. */
export function textsOf(state: WizardState, rendered: RenderedTemplate): EditedFile[] {
  return rendered.files.map((file, at) => editedOf(state)?.files[at] ?? { up: file.up, down: file.down });
}

export const isEdited = (file: RenderedFile, text: EditedFile) =>
  text.up !== file.up || text.down !== file.down;

/** What `migration:new` is told for one file: the whole of it, so that nothing beside the halves is lost. */
export function contentOf(file: RenderedFile, text: EditedFile) {
  const whole = wholeOf(file, text);
  return whole === null ? { ...text, transaction: file.transaction } : { content: whole };
}

export const fileTitle = (state: WizardState, file: RenderedFile) => {
  const own = state.name.trim();
  if (!own) return file.name;
  return file.step ? `${own} ${file.step}` : own;
};

/** The template's name for it, without the step that each of several files adds. */
export function ownName(rendered: RenderedTemplate): string {
  const [first] = rendered.files;
  return first?.step ? first.name.slice(0, -first.step.length).trimEnd() : rendered.name;
}

/** The file as a whole; null where only the backend can put the halves into their places. */
export function wholeOf(file: RenderedFile, text: EditedFile): string | null {
  if (!isEdited(file, text)) return file.content;
  return composeFile(file.content, findHalves(file.content, file.up, file.down), file, text);
}

/** About what the backend will name it: the moment of creation decides. */
export function fileNameOf(name: string, isMongo: boolean, now = new Date()): string {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 12);
  const join = isMongo ? '-' : '_';
  const words =
    name
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return `${stamp}…${join}${words.join(join)}${isMongo ? '.js' : '.sql'}`;
}

const SAFE_FORM = /_(safely|concurrently|in_batches)$/;

/** Whether the template is the safe form of another one, as its file's name says. */
export const isSafeForm = (template: Template) => SAFE_FORM.test(template.id);

const FIRST = ['Tables', 'Collections', 'Columns', 'Fields', 'Indexes', 'Constraints', 'Data', 'Documents'];
const rankOf = (group: string) => (FIRST.includes(group) ? FIRST.indexOf(group) : FIRST.length);

export interface Group {
  name: string;
  templates: Template[];
}

/** The templates that match every word, by group, the usual groups first. */
export function groupsOf(templates: Template[], search: string): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Template[]>();
  for (const one of templates) {
    const text = `${one.title} ${one.group} ${one.description} ${one.id} ${one.source}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  }
  return [...groups]
    .map(([name, found]) => ({ name, templates: found }))
    .sort((a, b) => rankOf(a.name) - rankOf(b.name) || a.name.localeCompare(b.name));
}
