/** What both editors (code and diff) are set to. */
import type * as Monaco from 'monaco-editor/editor';
import type { Settings } from '../api/types.generated';

export function editorOptions(
  settings: Settings['editor'] | undefined,
): Monaco.editor.IEditorOptions & Monaco.editor.IGlobalEditorOptions {
  const size = settings?.font_size ?? 13;
  return {
    automaticLayout: true,
    fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
    fontLigatures: false,
    fontSize: size,
    lineHeight: Math.round(size * 1.55),
    wordWrap: settings?.word_wrap ? 'on' : 'off',
    minimap: { enabled: settings?.minimap ?? false },
    padding: { top: 8, bottom: 8 },
    scrollBeyondLastLine: false,
    smoothScrolling: false,
    renderLineHighlight: 'line',
    renderLineHighlightOnlyWhenFocus: true,
    overviewRulerBorder: false,
    hideCursorInOverviewRuler: true,
    overviewRulerLanes: 0,
    lineNumbersMinChars: 3,
    lineDecorationsWidth: 10,
    glyphMargin: false,
    folding: true,
    showFoldingControls: 'mouseover',
    fixedOverflowWidgets: true,
    scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
    // Names come from the schema and from what the text makes; mere words would come in comments too.
    wordBasedSuggestions: 'off',
    suggest: { showStatusBar: false, preview: false, localityBonus: true },
    quickSuggestions: { other: true, comments: false, strings: true },
    unicodeHighlight: { ambiguousCharacters: true, invisibleCharacters: true, nonBasicASCII: false },
    stickyScroll: { enabled: false },
    tabCompletion: 'on',
    accessibilitySupport: 'auto',
    links: false,
    bracketPairColorization: { enabled: false },
    contextmenu: true,
  };
}

// Above this, what looks at the whole text again and again is switched off.
export const LARGE_OPTIONS: Monaco.editor.IEditorOptions & Monaco.editor.IGlobalEditorOptions = {
  folding: false,
  minimap: { enabled: false },
  quickSuggestions: false,
  occurrencesHighlight: 'off',
  selectionHighlight: false,
  wordWrap: 'off',
  matchBrackets: 'never',
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: false },
};
