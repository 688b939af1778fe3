/**
 * What Monaco knows of names: hover, the way to the migration that made them (F12, Ctrl+click, the menu), and the
 * outline. Each asks the model's context, so that an editor without one stays silent.
 */
import type { DefinitionPlace } from '../api/types.generated';
import { isMac } from '../lib/commands';
import classes from './editor.module.css';
import { hoverOf } from './hover';
import { isLarge } from './languages';
import { LANGUAGES, type ModelContext, modelContext, monaco } from './monaco';
import { outlineOf } from './outline';
import { type Target, targetAt } from './target';

const OPEN_PLACE = 'dbtoolkit.openPlace';
/** What the links of the hover that is shown lead to. */
const links = new Map<string, () => void>();
const LINKS_KEPT = 50;

monaco.editor.registerCommand(OPEN_PLACE, (_accessor, key: unknown) => links.get(String(key))?.());

function linkTo(context: ModelContext, place: DefinitionPlace): string {
  const key = `${place.filename}:${place.line}:${place.column}`;
  links.delete(key);
  links.set(key, () => context.goTo?.(place));
  for (const old of [...links.keys()].slice(0, -LINKS_KEPT)) links.delete(old);
  return `command:${OPEN_PLACE}?${encodeURIComponent(JSON.stringify([key]))}`;
}

// In a longer text only what stands around the place is read.
const WHOLE = 200_000;
const AROUND = 20_000;

/** The name at a position and where it stands, or null for anything that is none. */
export function targetIn(
  model: monaco.editor.ITextModel,
  position: monaco.IPosition,
): { target: Target; range: monaco.IRange } | null {
  const context = modelContext(model);
  if (!context) return null;
  const offset = model.getOffsetAt(position);
  const text = model.getValue();
  const from = text.length > WHOLE ? Math.max(0, offset - AROUND) : 0;
  const part = text.length > WHOLE ? text.slice(from, offset + AROUND) : text;
  const target = targetAt(part, offset - from, context.dialect, context.catalog());
  if (!target) return null;
  const range = monaco.Range.fromPositions(
    model.getPositionAt(target.start + from),
    model.getPositionAt(target.end + from),
  );
  return { target, range };
}

const placesOf = (context: ModelContext, target: Target): Promise<DefinitionPlace[]> =>
  // What cannot be found out is not said; the list of migrations tells why files cannot be read.
  context.places?.(target).catch(() => []) ?? Promise.resolve([]);

for (const language of [...LANGUAGES, 'plaintext']) {
  monaco.languages.registerHoverProvider(language, {
    async provideHover(model, position) {
      const context = modelContext(model);
      const found = targetIn(model, position);
      if (!context || !found) return null;
      const said = hoverOf(found.target, await placesOf(context, found.target), (place) =>
        linkTo(context, place),
      );
      if (said.length === 0) return null;
      return {
        range: found.range,
        contents: said.map((value) => ({ value, isTrusted: { enabledCommands: [OPEN_PLACE] } })),
      };
    },
  });
}

const SYMBOLS = {
  create: monaco.languages.SymbolKind.Struct,
  alter: monaco.languages.SymbolKind.Property,
  drop: monaco.languages.SymbolKind.Null,
  data: monaco.languages.SymbolKind.Array,
  other: monaco.languages.SymbolKind.Method,
};

for (const language of LANGUAGES) {
  monaco.languages.registerDocumentSymbolProvider(language, {
    displayName: 'Statements',
    provideDocumentSymbols(model) {
      const context = modelContext(model);
      if (!context || isLarge(model.getValue())) return [];
      return outlineOf(model.getValue(), context.dialect).map((one) => {
        const range = monaco.Range.fromPositions(
          model.getPositionAt(one.start),
          model.getPositionAt(one.end),
        );
        return {
          name: `${one.verb} ${one.object}`.trim(),
          detail: '',
          kind: SYMBOLS[one.kind],
          tags: [],
          range,
          selectionRange: range,
        };
      });
    },
  });
}

/** Open what made the name at a position; says so where nothing did. */
async function goToDefinition(editor: monaco.editor.ICodeEditor, position: monaco.IPosition): Promise<void> {
  const model = editor.getModel();
  const context = model && modelContext(model);
  if (!model || !context) return;
  const found = targetIn(model, position);
  const places = found ? await placesOf(context, found.target) : [];
  const [first] = places;
  if (first) context.goTo?.(first);
  else context.goNowhere?.(found?.target ?? null);
}

/** The keys, the menu and Ctrl+click of one editor. Returns how to take them away. */
export function addNavigation(editor: monaco.editor.IStandaloneCodeEditor): monaco.IDisposable {
  const underline = editor.createDecorationsCollection();
  const isHeld = (event: { ctrlKey: boolean; metaKey: boolean }) => (isMac() ? event.metaKey : event.ctrlKey);
  const stops = [
    editor.addAction({
      id: 'dbtoolkit.goToDefinition',
      label: 'Go to the migration that made it',
      keybindings: [monaco.KeyCode.F12],
      contextMenuGroupId: 'navigation',
      contextMenuOrder: 1,
      run: (_editor) => {
        const position = editor.getPosition();
        return position ? goToDefinition(editor, position) : undefined;
      },
    }),
    editor.onMouseMove((event) => {
      const model = editor.getModel();
      const isText = event.target.type === monaco.editor.MouseTargetType.CONTENT_TEXT;
      const position = event.target.position;
      const found = isHeld(event.event) && isText && model && position ? targetIn(model, position) : null;
      underline.set(found ? [{ range: found.range, options: { inlineClassName: classes.link } }] : []);
    }),
    editor.onMouseLeave(() => underline.clear()),
    editor.onKeyUp(() => underline.clear()),
    editor.onMouseDown((event) => {
      const position = event.target.position;
      const isText = event.target.type === monaco.editor.MouseTargetType.CONTENT_TEXT;
      if (!isHeld(event.event) || !event.event.leftButton || !isText || !position) return;
      underline.clear();
      void goToDefinition(editor, position);
    }),
  ];
  return { dispose: () => stops.forEach((one) => void one.dispose()) };
}
