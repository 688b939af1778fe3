/**
 * Monaco, with what migrations need and no more: no CDN, no eval, its worker bundled. Import this module lazily: it is
 * the heaviest part of the app.
 */
import * as monaco from 'monaco-editor/editor';
// features/suggest/register of 0.57 leaves the controller out, and with it every suggestion.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/features/bracketMatching/register';
import 'monaco-editor/features/caretOperations/register';
import 'monaco-editor/features/clipboard/register';
import 'monaco-editor/features/codeAction/register';
import 'monaco-editor/features/codeEditor/register';
import 'monaco-editor/features/codicon/register';
import 'monaco-editor/features/comment/register';
import 'monaco-editor/features/contextmenu/register';
import 'monaco-editor/features/cursorUndo/register';
import 'monaco-editor/features/diffEditor/register';
import 'monaco-editor/features/documentSymbols/register';
import 'monaco-editor/features/find/register';
import 'monaco-editor/features/folding/register';
import 'monaco-editor/features/gotoError/register';
import 'monaco-editor/features/gotoLine/register';
import 'monaco-editor/features/hover/register';
import 'monaco-editor/features/indentation/register';
import 'monaco-editor/features/lineSelection/register';
import 'monaco-editor/features/linesOperations/register';
import 'monaco-editor/features/longLinesHelper/register';
import 'monaco-editor/features/multicursor/register';
import 'monaco-editor/features/placeholderText/register';
import 'monaco-editor/features/quickOutline/register';
import 'monaco-editor/features/readOnlyMessage/register';
import 'monaco-editor/features/smartSelect/register';
import 'monaco-editor/features/snippet/register';
import 'monaco-editor/features/tokenization/register';
import 'monaco-editor/features/unicodeHighlighter/register';
import 'monaco-editor/features/unusualLineTerminators/register';
import 'monaco-editor/features/wordHighlighter/register';
import 'monaco-editor/features/wordOperations/register';
import 'monaco-editor/languages/definitions/javascript/register';
import 'monaco-editor/languages/definitions/mysql/register';
import 'monaco-editor/languages/definitions/pgsql/register';
import 'monaco-editor/languages/definitions/sql/register';
import 'monaco-editor/languages/definitions/typescript/register';
import type { Catalog, DefinitionPlace } from '../api/types.generated';
import { complete, type Kind, type Offer, type Suggestion } from './complete';
import type { Dialect, LanguageId } from './languages';
import type { Target } from './target';
import { defineThemes } from './themes';

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

defineThemes(monaco);
// The font arrives after the first line is measured.
void document.fonts?.ready.then(() => monaco.editor.remeasureFonts());

/** What completion knows about a model. A model without it gets none. */
export interface ModelContext {
  dialect: Dialect;
  catalog(): Catalog | null;
  /** What can be done about the marker of this id. */
  actions(markerId: string): MarkerAction[];
  /** The statements that made and changed what a name stands for, what created it first. */
  places?(target: Target): Promise<DefinitionPlace[]>;
  goTo?(place: DefinitionPlace): void;
  /** The user asked to go, and no migration makes it. */
  goNowhere?(target: Target | null): void;
}

export interface MarkerAction {
  title: string;
  isPreferred?: boolean;
  run(): void;
}

const contexts = new WeakMap<monaco.editor.ITextModel, ModelContext>();

export const setModelContext = (model: monaco.editor.ITextModel, context: ModelContext) =>
  contexts.set(model, context);

export const modelContext = (model: monaco.editor.ITextModel): ModelContext | undefined =>
  contexts.get(model);

const KINDS: Record<Kind, monaco.languages.CompletionItemKind> = {
  table: monaco.languages.CompletionItemKind.Struct,
  column: monaco.languages.CompletionItemKind.Field,
  keyword: monaco.languages.CompletionItemKind.Keyword,
  function: monaco.languages.CompletionItemKind.Function,
  type: monaco.languages.CompletionItemKind.TypeParameter,
  snippet: monaco.languages.CompletionItemKind.Snippet,
  method: monaco.languages.CompletionItemKind.Method,
  schema: monaco.languages.CompletionItemKind.Module,
};

// In a longer text only what stands around the cursor is read.
const WHOLE = 100_000;
const LOOK_BACK = 20_000;
export const LANGUAGES: LanguageId[] = ['sql', 'pgsql', 'mysql', 'javascript', 'typescript'];

for (const language of LANGUAGES) {
  monaco.languages.registerCompletionItemProvider(language, {
    triggerCharacters: ['.', '"', "'", '$'],
    provideCompletionItems(model, position) {
      const context = contexts.get(model);
      if (!context) return { suggestions: [] };
      const offset = model.getOffsetAt(position);
      const text = model.getValue();
      const from = text.length > WHOLE ? Math.max(0, offset - LOOK_BACK) : 0;
      const found = complete({
        text: text.length > WHOLE ? text.slice(from, offset + LOOK_BACK) : text,
        offset: offset - from,
        dialect: context.dialect,
        catalog: context.catalog(),
      });
      const range = rangeAt(model, position, found);
      return { suggestions: found.suggestions.map((one, at) => itemOf(one, at, range)) };
    },
  });
}

function rangeAt(model: monaco.editor.ITextModel, position: monaco.Position, offer: Offer): monaco.IRange {
  const word = model.getWordUntilPosition(position);
  const start =
    offer.replaceBefore === null ? word.startColumn : Math.max(1, position.column - offer.replaceBefore);
  const end = position.column + offer.replaceAfter;
  return new monaco.Range(position.lineNumber, start, position.lineNumber, end);
}

const itemOf = (one: Suggestion, at: number, range: monaco.IRange): monaco.languages.CompletionItem => ({
  label: { label: one.label, description: one.detail },
  kind: KINDS[one.kind],
  insertText: one.insert,
  filterText: one.filter ?? one.label,
  sortText: `${one.rank}${String(at).padStart(5, '0')}`,
  insertTextRules:
    one.kind === 'snippet' ? monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet : undefined,
  range,
});

const RUN_ACTION = 'dbtoolkit.runAction';
monaco.editor.registerCommand(RUN_ACTION, (_accessor, run: unknown) => {
  if (typeof run === 'function') run();
});

/** What a marker is found again by. */
export const MARKER_OWNER = 'diagnostics';
const ids = new WeakMap<monaco.editor.ITextModel, Map<string, string>>();
const keyOf = (one: monaco.editor.IMarkerData) =>
  `${typeof one.code === 'string' ? one.code : ''} ${one.message}`;

/** Put squiggles under a text; `ids` says whose each is. */
export function setMarkers(
  model: monaco.editor.ITextModel,
  markers: Array<monaco.editor.IMarkerData & { id: string }>,
): void {
  ids.set(model, new Map(markers.map((one) => [keyOf(one), one.id])));
  monaco.editor.setModelMarkers(
    model,
    MARKER_OWNER,
    markers.map(({ id: _id, ...marker }) => marker),
  );
}

for (const language of LANGUAGES) {
  monaco.languages.registerCodeActionProvider(
    language,
    {
      provideCodeActions(model, _range, { markers }) {
        const context = contexts.get(model);
        const known = ids.get(model);
        const actions = markers.flatMap((marker) =>
          (context?.actions(known?.get(keyOf(marker)) ?? '') ?? []).map((action) => ({
            title: action.title,
            kind: 'quickfix',
            diagnostics: [marker],
            isPreferred: action.isPreferred,
            command: { id: RUN_ACTION, title: action.title, arguments: [action.run] },
          })),
        );
        return { actions, dispose: () => undefined };
      },
    },
    { providedCodeActionKinds: ['quickfix'] },
  );
}

export { monaco };
