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
import type { Catalog } from '../api/types.generated';
import { complete, type Kind, type Suggestion } from './complete';
import type { Dialect, LanguageId } from './languages';
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
}

export interface MarkerAction {
  title: string;
  isPreferred?: boolean;
  run(): void;
}

const contexts = new WeakMap<monaco.editor.ITextModel, ModelContext>();

export const setModelContext = (model: monaco.editor.ITextModel, context: ModelContext) =>
  contexts.set(model, context);

const KINDS: Record<Kind, monaco.languages.CompletionItemKind> = {
  table: monaco.languages.CompletionItemKind.Struct,
  column: monaco.languages.CompletionItemKind.Field,
  keyword: monaco.languages.CompletionItemKind.Keyword,
  function: monaco.languages.CompletionItemKind.Function,
  type: monaco.languages.CompletionItemKind.TypeParameter,
  snippet: monaco.languages.CompletionItemKind.Snippet,
  method: monaco.languages.CompletionItemKind.Method,
};

// A statement longer than this is read only around the cursor.
const LOOK_BACK = 20_000;
const LANGUAGES: LanguageId[] = ['sql', 'pgsql', 'mysql', 'javascript', 'typescript'];

for (const language of LANGUAGES) {
  monaco.languages.registerCompletionItemProvider(language, {
    triggerCharacters: ['.', '"', "'", '$'],
    provideCompletionItems(model, position) {
      const context = contexts.get(model);
      if (!context) return { suggestions: [] };
      const offset = model.getOffsetAt(position);
      const text = model.getValue();
      const found = complete({
        before: text.slice(Math.max(0, offset - LOOK_BACK), offset),
        after: text.slice(offset, offset + LOOK_BACK),
        dialect: context.dialect,
        catalog: context.catalog(),
      });
      return { suggestions: found.map((one, at) => itemOf(one, at, rangeAt(model, position))) };
    },
  });
}

function rangeAt(model: monaco.editor.ITextModel, position: monaco.Position): monaco.IRange {
  const word = model.getWordUntilPosition(position);
  const line = model.getLineContent(position.lineNumber);
  // `$set` is one word to us and two to Monaco.
  const start = line[word.startColumn - 2] === '$' ? word.startColumn - 1 : word.startColumn;
  return new monaco.Range(position.lineNumber, start, position.lineNumber, word.endColumn);
}

const itemOf = (one: Suggestion, at: number, range: monaco.IRange): monaco.languages.CompletionItem => ({
  label: { label: one.label, description: one.detail },
  kind: KINDS[one.kind],
  insertText: one.insert,
  filterText: one.label,
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
