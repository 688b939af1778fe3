/** One Monaco editor as a React component. Import it through `lazy`: Monaco comes with it. */
import { useComputedColorScheme } from '@mantine/core';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useSettings } from '../api/settings';
import type { Catalog } from '../api/types.generated';
import type { Level } from '../components/SeverityBadge';
import { allCommands, chordOf } from '../lib/commands';
import type { Marker } from './diagnostics';
import classes from './editor.module.css';
import { type Dialect, isLarge, type LanguageId } from './languages';
import { keepListsShown } from './lists';
import { type MarkerAction, type ModelContext, monaco, setMarkers, setModelContext } from './monaco';
import { addNavigation } from './navigate';
import { editorOptions, LARGE_OPTIONS } from './options';
import { themeOf } from './themes';

export interface CodeHandle {
  focus(): void;
  /** Put the cursor on a line and bring it into sight. */
  goTo(line: number, column?: number): void;
  /** Insert at the cursor, as plain text or as a snippet. */
  insert(text: string, asSnippet?: boolean): void;
  /** The selected text, where it is of one line. */
  selected(): string;
  /** Report what was typed and not reported yet (large files report late). */
  flush(): void;
}

export interface CodeEditorProps {
  value: string;
  onChange(value: string): void;
  language: LanguageId;
  dialect: Dialect;
  label: string;
  readOnly?: boolean;
  readOnlyMessage?: string;
  placeholder?: string;
  /** Wrap lines, whatever the settings say: where there is little room. */
  wrap?: boolean;
  catalog?: Catalog | null;
  /** Lines count from 1 in this text. */
  markers?: Marker[];
  /** Quick fixes for a marker (Ctrl+.). */
  actionsOf?(markerId: string): MarkerAction[];
  /** The number shown at the first line: where a half starts in its file. */
  firstLine?: number;
  onFocus?(): void;
  /** Where names lead: see `ModelContext`. */
  names?: Pick<ModelContext, 'places' | 'goTo' | 'goNowhere'>;
  /** More that the editor's own menu offers; `run` is read late. */
  menu?: Array<{ id: string; label: string; run(): void }>;
  /** The line (in this text) that the cursor stands in. */
  onCursor?(line: number): void;
  /** Called once the editor is there and its handle works. */
  onReady?(): void;
  ref?: Ref<CodeHandle>;
}

const LARGE_REPORT_MS = 400;

export default function CodeEditor(props: CodeEditorProps) {
  const { value, language, label, readOnly = false, markers, firstLine = 1, wrap = false } = props;
  const holder = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null);
  const latest = useRef(props);
  latest.current = props;
  const reported = useRef(value);
  // What was reported and has not come back as `value` yet: typing is quicker than rendering.
  const onTheWay = useRef<string[]>([]);
  const flush = useRef(() => undefined as undefined);
  const settings = useSettings()?.editor;
  const scheme = useComputedColorScheme('light');
  const large = isLarge(value);

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; the effects below keep it up to date.
  useEffect(() => {
    if (!holder.current) return;
    const model = monaco.editor.createModel(value, large ? 'plaintext' : language);
    setModelContext(model, {
      dialect: props.dialect,
      catalog: () => latest.current.catalog ?? null,
      actions: (id) => (latest.current.readOnly ? [] : (latest.current.actionsOf?.(id) ?? [])),
      places: (target) => latest.current.names?.places?.(target) ?? Promise.resolve([]),
      goTo: (place) => latest.current.names?.goTo?.(place),
      goNowhere: (target) => latest.current.names?.goNowhere?.(target),
    });
    const made = monaco.editor.create(holder.current, {
      ...editorOptions(settings),
      ...(large ? LARGE_OPTIONS : {}),
      model,
      theme: themeOf(scheme),
      placeholder: props.placeholder,
      ariaLabel: label,
      largeFileOptimizations: true,
    });
    editor.current = made;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const report = () => {
      clearTimeout(timer);
      timer = undefined;
      const text = model.getValue();
      if (text === reported.current) return;
      reported.current = text;
      onTheWay.current.push(text);
      latest.current.onChange(text);
    };
    flush.current = () => void (timer && report()) as undefined;
    const stops = [
      model.onDidChangeContent((change) => {
        if (change.isFlush) return;
        if (!large) return report();
        clearTimeout(timer);
        timer = setTimeout(report, LARGE_REPORT_MS);
      }),
      made.onDidFocusEditorText(() => latest.current.onFocus?.()),
      made.onDidBlurEditorText(() => flush.current()),
      made.onDidChangeCursorPosition(({ position }) => latest.current.onCursor?.(position.lineNumber)),
      addNavigation(made),
      keepListsShown(made),
      ...(props.menu ?? []).map(({ id, label: said }, at) =>
        made.addAction({
          id: `dbtoolkit.${id}`,
          label: said,
          contextMenuGroupId: '1_dbtoolkit',
          contextMenuOrder: at,
          run: () => latest.current.menu?.find((one) => one.id === id)?.run(),
        }),
      ),
    ];
    latest.current.onReady?.();
    return () => {
      flush.current();
      for (const stop of stops) stop.dispose();
      made.dispose();
      model.dispose();
      editor.current = null;
    };
  }, []);

  useEffect(() => {
    const model = editor.current?.getModel();
    const echo = onTheWay.current.lastIndexOf(value);
    if (echo >= 0) onTheWay.current.splice(0, echo + 1);
    if (!model || echo >= 0 || value === reported.current) return;
    onTheWay.current = [];
    reported.current = value;
    // As an edit, so that Ctrl+Z brings the former text back.
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text: value }], () => null);
  }, [value]);

  useEffect(() => {
    const lineCount = editor.current?.getModel()?.getLineCount() ?? 0;
    editor.current?.updateOptions({
      ...editorOptions(settings),
      ...(large ? LARGE_OPTIONS : {}),
      ...(wrap ? { wordWrap: 'on' as const } : {}),
      readOnly,
      domReadOnly: readOnly,
      readOnlyMessage: props.readOnlyMessage ? { value: props.readOnlyMessage } : undefined,
      ariaLabel: label,
      lineNumbersMinChars: Math.max(3, String(firstLine + lineCount).length + 1),
      lineNumbers: firstLine === 1 ? 'on' : (line) => String(line + firstLine - 1),
    });
    editor.current?.getModel()?.updateOptions({
      tabSize: settings?.tab_size ?? 2,
      insertSpaces: true,
      // Colour is for the words of the language here.
      bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
    });
  }, [settings, large, wrap, readOnly, label, firstLine, props.readOnlyMessage]);

  useEffect(() => monaco.editor.setTheme(themeOf(scheme)), [scheme]);

  useEffect(() => {
    const model = editor.current?.getModel();
    if (model)
      setMarkers(
        model,
        (markers ?? []).map((one) => markerOf(model, one)),
      );
  }, [markers]);

  useImperativeHandle(props.ref, () => ({
    focus: () => editor.current?.focus(),
    flush: () => flush.current(),
    selected() {
      const selection = editor.current?.getSelection();
      const isOneLine = selection && selection.startLineNumber === selection.endLineNumber;
      return isOneLine ? (editor.current?.getModel()?.getValueInRange(selection) ?? '') : '';
    },
    goTo(line, column = 1) {
      editor.current?.setPosition({ lineNumber: line, column });
      editor.current?.revealLineInCenter(line);
      editor.current?.focus();
    },
    insert: (text, asSnippet = false) => editor.current && insertAtCursor(editor.current, text, asSnippet),
  }));

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only passes the app's keys and drops on to the editor in it.
    <div
      ref={holder}
      className={classes.holder}
      onKeyDownCapture={runAppCommand}
      onDragOver={(event) => !readOnly && event.preventDefault()}
      onDrop={(event) => {
        const target = editor.current?.getTargetAtClientPoint(event.clientX, event.clientY);
        const text = event.dataTransfer.getData('text/plain');
        if (!editor.current || !text || readOnly) return;
        event.preventDefault();
        if (target?.position) editor.current.setPosition(target.position);
        insertAtCursor(editor.current, text, false);
      }}
    />
  );
}

/** The app's keys win over Monaco's own (Ctrl+Enter, Ctrl+K). */
function runAppCommand(event: React.KeyboardEvent) {
  const chord = chordOf(event.nativeEvent);
  const found = allCommands().findLast((one) => one.whileTyping && one.keys === chord);
  if (!found) return;
  event.preventDefault();
  event.stopPropagation();
  found.run();
}

function insertAtCursor(editor: monaco.editor.IStandaloneCodeEditor, text: string, asSnippet: boolean) {
  editor.focus();
  if (asSnippet) {
    const snippets = editor.getContribution('snippetController2') as { insert?(text: string): void } | null;
    if (snippets?.insert) return snippets.insert(text);
  }
  const selection = editor.getSelection();
  if (selection) editor.executeEdits('insert', [{ range: selection, text, forceMoveMarkers: true }]);
  editor.pushUndoStop();
}

function markerOf(
  model: monaco.editor.ITextModel,
  marker: Marker,
): monaco.editor.IMarkerData & { id: string } {
  const count = model.getLineCount();
  const line = Math.max(1, Math.min(marker.line, count));
  const endLine = Math.max(line, Math.min(marker.endLine, count));
  const startColumn = marker.column ?? (model.getLineFirstNonWhitespaceColumn(line) || 1);
  const endColumn = marker.endColumn ?? model.getLineMaxColumn(endLine);
  return {
    id: marker.id,
    severity: SEVERITIES[marker.level],
    message: marker.message,
    code: marker.code,
    startLineNumber: line,
    startColumn,
    endLineNumber: endLine,
    // A place of no width would not be seen.
    endColumn: endLine === line && endColumn <= startColumn ? model.getLineMaxColumn(line) : endColumn,
  };
}

const SEVERITIES: Record<Level, monaco.MarkerSeverity> = {
  error: monaco.MarkerSeverity.Error,
  critical: monaco.MarkerSeverity.Error,
  high: monaco.MarkerSeverity.Error,
  medium: monaco.MarkerSeverity.Warning,
  warning: monaco.MarkerSeverity.Warning,
  low: monaco.MarkerSeverity.Info,
  info: monaco.MarkerSeverity.Hint,
};
