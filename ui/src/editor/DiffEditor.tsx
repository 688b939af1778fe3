/** Two texts side by side. Import it through `lazy`: Monaco comes with it. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useSettings } from '../api/settings';
import classes from './editor.module.css';
import { isLarge, type LanguageId } from './languages';
import { monaco } from './monaco';
import { editorOptions } from './options';
import { themeOf } from './themes';

export interface DiffEditorProps {
  original: string;
  modified: string;
  originalLabel: string;
  modifiedLabel: string;
  language: LanguageId;
  /** Wrap lines, whatever the settings say: where there is little room. */
  wrap?: boolean;
  /** The right side can be edited where this is given. */
  onChange?(modified: string): void;
}

export default function DiffEditor(props: DiffEditorProps) {
  const { original, modified, language, onChange } = props;
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  const settings = useSettings()?.editor;
  const scheme = useComputedColorScheme('light');
  const editable = onChange !== undefined;

  // biome-ignore lint/correctness/useExhaustiveDependencies: what the user merges on the right must not be made anew.
  useEffect(() => {
    if (!holder.current) return;
    const id = isLarge(original + modified) ? 'plaintext' : language;
    const left = monaco.editor.createModel(original, id);
    const right = monaco.editor.createModel(modified, id);
    const made = monaco.editor.createDiffEditor(holder.current, {
      ...editorOptions(settings),
      theme: themeOf(scheme),
      originalEditable: false,
      readOnly: !editable,
      originalAriaLabel: props.originalLabel,
      modifiedAriaLabel: props.modifiedLabel,
      renderOverviewRuler: false,
      renderMarginRevertIcon: editable,
      useInlineViewWhenSpaceIsLimited: true,
      renderSideBySideInlineBreakpoint: 680,
      hideUnchangedRegions: { enabled: true, contextLineCount: 4, minimumLineCount: 6 },
      maxComputationTime: 3000,
      ignoreTrimWhitespace: false,
      ...(props.wrap ? { wordWrap: 'on', diffWordWrap: 'on' } : {}),
    });
    const compared = made.createViewModel({ original: left, modified: right });
    made.setModel(compared);
    // After the editor is made: making one gives every model the defaults.
    for (const model of [left, right])
      model.updateOptions({
        bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
      });
    const stops = [
      right.onDidChangeContent(() => latest.current?.(right.getValue())),
      keepLabel(made.getOriginalEditor(), props.originalLabel),
      keepLabel(made.getModifiedEditor(), props.modifiedLabel),
    ];
    return () => {
      for (const stop of stops) stop.dispose();
      made.setModel(null);
      // Calls off a comparison still under way, which would miss the texts: the editor itself never does.
      compared.dispose();
      made.dispose();
      left.dispose();
      right.dispose();
    };
  }, [original, editable]);

  useEffect(() => monaco.editor.setTheme(themeOf(scheme)), [scheme]);

  return <div ref={holder} className={classes.holder} />;
}

/** The diff editor forgets its sides' labels whenever any other option of theirs changes. */
function keepLabel(side: monaco.editor.ICodeEditor, label: string): monaco.IDisposable {
  const set = () => {
    if (side.getOption(monaco.editor.EditorOption.ariaLabel) !== label)
      side.updateOptions({ ariaLabel: label });
  };
  set();
  return side.onDidChangeConfiguration(set);
}
