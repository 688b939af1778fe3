/** Monaco in our colours: the tokens of theme.css, and a syntax palette beside them. */
import type * as Monaco from 'monaco-editor/editor';

export const themeOf = (scheme: 'light' | 'dark') => `toolkit-${scheme}`;

const rule = (token: string, foreground: string, fontStyle = ''): Monaco.editor.ITokenThemeRule => ({
  token,
  foreground,
  fontStyle,
});

const rules = (colours: {
  text: string;
  keyword: string;
  string: string;
  number: string;
  comment: string;
  type: string;
  predefined: string;
  operator: string;
}) => [
  rule('', colours.text),
  rule('keyword', colours.keyword),
  rule('string', colours.string),
  rule('string.sql', colours.string),
  rule('regexp', colours.string),
  rule('number', colours.number),
  rule('comment', colours.comment, 'italic'),
  rule('type', colours.type),
  rule('predefined', colours.predefined),
  rule('predefined.sql', colours.predefined),
  rule('operator', colours.operator),
  rule('operator.sql', colours.operator),
  rule('delimiter', colours.operator),
  rule('identifier', colours.text),
];

export function defineThemes(monaco: typeof Monaco): void {
  monaco.editor.defineTheme('toolkit-light', {
    base: 'vs',
    inherit: true,
    rules: rules({
      text: '1a1b21',
      keyword: '4149c4',
      string: '1c6b3c',
      number: '9a4d00',
      comment: '5d606c',
      type: '00627a',
      predefined: '7c3aa8',
      operator: '555864',
    }),
    colors: {
      'editor.background': '#ffffff',
      'editor.foreground': '#1a1b21',
      'editorLineNumber.foreground': '#71747f',
      'editorLineNumber.dimmedForeground': '#71747f',
      'editorLineNumber.activeForeground': '#1a1b21',
      'editor.lineHighlightBackground': '#f7f7f9',
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': '#d6d9f8',
      'editor.inactiveSelectionBackground': '#e8e9fa',
      'editorIndentGuide.background1': '#ececf0',
      'editorIndentGuide.activeBackground1': '#d0d0d9',
      'editorWidget.background': '#ffffff',
      'editorWidget.border': '#d0d0d9',
      'editorSuggestWidget.background': '#ffffff',
      'editorSuggestWidget.border': '#d0d0d9',
      'editorSuggestWidget.selectedBackground': '#ebecfb',
      'editorSuggestWidget.selectedForeground': '#1a1b21',
      'editorSuggestWidget.highlightForeground': '#4149c4',
      'editorSuggestWidget.focusHighlightForeground': '#4149c4',
      'editorHoverWidget.background': '#ffffff',
      'editorHoverWidget.border': '#d0d0d9',
      'editorError.foreground': '#c62f26',
      'editorWarning.foreground': '#b47700',
      'editorGutter.background': '#ffffff',
      'scrollbarSlider.background': '#8d8f9c33',
      'scrollbarSlider.hoverBackground': '#8d8f9c55',
      'scrollbar.shadow': '#00000000',
      focusBorder: '#4f57d6',
      'list.hoverBackground': '#efeff3',
      'editor.wordHighlightBackground': '#4f57d61c',
      'editor.wordHighlightStrongBackground': '#4f57d61c',
      'editor.wordHighlightTextBackground': '#4f57d614',
      'diffEditor.insertedTextBackground': '#17713a1c',
      'diffEditor.insertedLineBackground': '#17713a14',
      'diffEditor.removedTextBackground': '#c62f261c',
      'diffEditor.removedLineBackground': '#c62f2612',
      'menu.background': '#ffffff',
      'menu.foreground': '#1a1b21',
      'menu.selectionBackground': '#ebecfb',
      'menu.selectionForeground': '#1a1b21',
    },
  });
  monaco.editor.defineTheme('toolkit-dark', {
    base: 'vs-dark',
    inherit: true,
    rules: rules({
      text: 'e9eaee',
      keyword: 'a5abff',
      string: '7fd6a2',
      number: 'f0b37e',
      comment: '9093a1',
      type: '7cc7dd',
      predefined: 'd59cf4',
      operator: 'a9acb8',
    }),
    colors: {
      'editor.background': '#17181d',
      'editor.foreground': '#e9eaee',
      'editorLineNumber.foreground': '#8a8d9b',
      'editorLineNumber.dimmedForeground': '#8a8d9b',
      'editorLineNumber.activeForeground': '#e9eaee',
      'editor.lineHighlightBackground': '#1d1e25',
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': '#363b7a',
      'editor.inactiveSelectionBackground': '#262948',
      'editorIndentGuide.background1': '#24262e',
      'editorIndentGuide.activeBackground1': '#383b47',
      'editorWidget.background': '#1d1e25',
      'editorWidget.border': '#383b47',
      'editorSuggestWidget.background': '#1d1e25',
      'editorSuggestWidget.border': '#383b47',
      'editorSuggestWidget.selectedBackground': '#262948',
      'editorSuggestWidget.selectedForeground': '#e9eaee',
      'editorSuggestWidget.highlightForeground': '#a5abff',
      'editorSuggestWidget.focusHighlightForeground': '#a5abff',
      'editorHoverWidget.background': '#1d1e25',
      'editorHoverWidget.border': '#383b47',
      'editorError.foreground': '#ff8d85',
      'editorWarning.foreground': '#efb950',
      'editorGutter.background': '#17181d',
      'scrollbarSlider.background': '#8d8f9c33',
      'scrollbarSlider.hoverBackground': '#8d8f9c55',
      'scrollbar.shadow': '#00000000',
      focusBorder: '#6169e3',
      'list.hoverBackground': '#22242c',
      'editor.wordHighlightBackground': '#6169e333',
      'editor.wordHighlightStrongBackground': '#6169e333',
      'editor.wordHighlightTextBackground': '#6169e326',
      'diffEditor.insertedTextBackground': '#62d19026',
      'diffEditor.insertedLineBackground': '#62d19014',
      'diffEditor.removedTextBackground': '#ff8d8526',
      'diffEditor.removedLineBackground': '#ff8d8514',
      'menu.background': '#1d1e25',
      'menu.foreground': '#e9eaee',
      'menu.selectionBackground': '#262948',
      'menu.selectionForeground': '#e9eaee',
    },
  });
}
