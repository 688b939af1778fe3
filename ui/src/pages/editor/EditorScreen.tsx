/** The editor on one file: header, notes, the text, its problems, and what can be inserted. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useChannel } from '../../api/queries';
import { useRemembered, useSettings } from '../../api/settings';
import type { Connection } from '../../api/types.generated';
import { notifyError, notifyInfo } from '../../components/notify';
import { askRun } from '../../components/run/ask';
import { placeIn } from '../../editor/diagnostics';
import { formatText } from '../../editor/format';
import { dialectOf, isLarge, languageOf } from '../../editor/languages';
import type { Snippet } from '../../editor/snippets';
import { pageTitle } from '../../lib/asked';
import { useCommands } from '../../lib/commands';
import { paths } from '../../lib/paths';
import { createStore } from '../../lib/store';
import { ConflictDialog } from './ConflictDialog';
import { DownDialog } from './DownDialog';
import { isJavaScript, switchView, type View } from './document';
import classes from './editor.module.css';
import { askFind } from './find';
import { Header } from './Header';
import { LeaveGuard } from './LeaveGuard';
import { NewFilesDialog } from './NewFilesDialog';
import { Notes } from './Notes';
import type { CursorLine } from './Outline';
import { Panes, type PanesHandle } from './Panes';
import { Problems } from './Problems';
import { SidePanel, type SideTab } from './SidePanel';
import { useChosen } from './useChosen';
import { type Diagnostics, useDiagnostics } from './useDiagnostics';
import type { Doc } from './useDocument';
import { useFixes } from './useFixes';
import { useGenerateDown } from './useGenerateDown';
import { usePlaces } from './usePlaces';
import { usePreview } from './usePreview';

interface Props {
  connection: Connection;
  doc: Doc;
}

const WIDE_PX = 1200;

export function EditorScreen({ connection, doc }: Props) {
  const navigate = useNavigate();
  const settings = useSettings();
  const panes = useRef<PanesHandle>(null);
  const [editAnyway, setEditAnyway] = useState(false);
  const [comparing, setComparing] = useState(false);
  const [sideOpen, setSideOpen] = useRemembered('editor_side', window.innerWidth >= WIDE_PX);
  const [sideTab, setSideTab] = useRemembered<SideTab>('editor_side_tab', 'schema');
  const [cursor] = useState(() => createStore<CursorLine>({ pane: 'up', line: 1 }));
  const { base, texts } = doc;
  const { migration } = base.file;
  const dialect = dialectOf(connection.engine);
  const language = languageOf(connection.engine, migration.filename);
  const isMissing = migration.flags.includes('missing_file');
  const isApplied = migration.status === 'applied';
  const readOnly = isMissing || (isApplied && !editAnyway && !doc.dirty);
  const large = isLarge(base.file.content);
  const {
    data: catalog,
    error: catalogError,
    refetch,
  } = useChannel('schema:catalog', { connection: connection.id }, { staleTime: 60_000, enabled: !large });

  useEffect(() => {
    pageTitle.set(migration.name);
  }, [migration.name]);

  const found = useDiagnostics(connection.id, base, texts);
  const chosen = useChosen(found.list);
  const fixes = useFixes(connection, doc, found);
  const [problemsOpen, setProblemsOpen] = useRemembered('editor_problems', true);
  const actionsOf = (id: string) => {
    const finding = found.list.find((one) => one.id === id)?.finding;
    return (finding?.fixes ?? []).map((fix, at) => ({
      title: fix.new_files.length > 0 ? `${fix.title}…` : fix.title,
      isPreferred: at === 0,
      run: () => fixes.apply(fix),
    }));
  };

  const goTo = useCallback(
    (line: number, column?: number | null) => {
      const place = texts.view === 'split' ? placeIn(line, found.halves) : null;
      if (texts.view === 'raw') panes.current?.goTo('raw', line, column ?? 1);
      else if (place) panes.current?.goTo(place.half, place.line, Math.max(1, (column ?? 1) - place.indent));
      else panes.current?.goTo('up', 1, 1);
    },
    [texts.view, found.halves],
  );
  const { open, names } = usePlaces(connection, migration.filename, goTo);
  const maker = useGenerateDown(connection, doc, dialect);

  // What can be written is written at once: the keys go to the text.
  const writable = !readOnly && doc.conflict === null;
  const focusLine = useLineOfAddress(goTo, () => writable && panes.current?.focus());
  const onReady = () => {
    focusLine();
    askedForDown();
  };
  useEffect(() => {
    if (editAnyway) panes.current?.focus();
  }, [editAnyway]);

  const save = async () => {
    panes.current?.flush();
    // What was flushed is in the document after this turn.
    await new Promise((resolve) => setTimeout(resolve));
    if (settings?.editor.format_on_save && !readOnly && !large) await format(true);
    return current.current.save();
  };
  const current = useRef(doc);
  current.current = doc;

  const format = async (quietly = false) => {
    if (large || readOnly) return;
    const options = {
      dialect,
      tabSize: settings?.editor.tab_size ?? 2,
      typescript: language === 'typescript',
    };
    try {
      const { view, up, down, content } = current.current.texts;
      const change =
        view === 'raw'
          ? { content: await formatText(content, { ...options, part: 'file' }) }
          : {
              up: await formatText(up, { ...options, part: 'body' }),
              down: await formatText(down, { ...options, part: 'body' }),
            };
      current.current.change(change);
      await new Promise((resolve) => setTimeout(resolve));
    } catch (problem) {
      if (!quietly) notifyInfo('It could not be formatted', firstLine(problem));
    }
  };

  const saveAndRun = async () => {
    if (isApplied || connection.read_only) return void (await save());
    if (await save()) {
      askRun({ channel: 'migration:up', connection: connection.id, versions: [migration.filename] });
    }
  };

  const preview = usePreview({ connection, doc, found, fixes, readOnly, panes, save });

  const setView = async (view: View) => {
    panes.current?.flush();
    await new Promise((resolve) => setTimeout(resolve));
    const { texts: now, base: from, save: store, change } = current.current;
    const switched = switchView(now, from, view);
    if (switched) change(switched);
    else if (await store()) {
      const after = switchView(current.current.texts, current.current.base, view);
      if (after) change(after);
    }
  };

  const generateDown = async () => {
    if (readOnly || large) return;
    if (current.current.texts.view === 'raw') await setView('split');
    panes.current?.flush();
    // What was flushed is in the document after this turn.
    await new Promise((resolve) => setTimeout(resolve));
    if (current.current.texts.view === 'split') await latestMaker.current.make();
    else notifyInfo('It has no two halves', 'The down is generated where up and down can be told apart.');
  };
  const latestMaker = useRef(maker);
  latestMaker.current = maker;
  const askedForDown = useDownOfAddress({
    start: () => setEditAnyway(true),
    write: () => panes.current?.goTo('down', 1, 1),
    generate: () => void latestGenerate.current(),
  });
  const latestGenerate = useRef(generateDown);
  latestGenerate.current = generateDown;

  const showSide = (tab: SideTab) => {
    setSideTab(tab);
    setSideOpen(true);
  };

  const findEverywhere = () => {
    showSide('find');
    askFind(panes.current?.selected() ?? '');
  };

  /** The finding after or before the chosen one, or the cursor, round the ends of the file. */
  const goToProblem = (step: 1 | -1) => {
    const place = chosen.step(step, fileLine(cursor.get(), found.halves));
    if (!place) return void notifyInfo('Nothing found', 'There is no finding to go to.');
    setProblemsOpen(true);
    goTo(place.line ?? 1, place.column);
  };

  const insertSnippet = (snippet: Snippet) => {
    panes.current?.insert(snippet.up, true, texts.view === 'split' ? 'up' : undefined);
    const empty = texts.view === 'split' && /^(?:\s|--.*|\/\/.*)*$/.test(texts.down);
    if (snippet.down && empty) doc.change({ down: withoutPlaces(snippet.up, snippet.down) });
  };

  useCommands([
    { id: 'save', label: 'Save', group: 'Editor', keys: 'mod+s', whileTyping: true, run: () => void save() },
    {
      id: 'preview',
      label: `Preview for ${connection.name}`,
      group: 'Editor',
      keys: 'mod+enter',
      words: 'dry run rehearse plan what would it do',
      whileTyping: true,
      run: () => !isMissing && void preview(),
    },
    {
      id: 'save-run',
      label: `Save and apply to ${connection.name}`,
      group: 'Editor',
      keys: 'mod+shift+enter',
      whileTyping: true,
      run: () => void saveAndRun(),
    },
    {
      id: 'format',
      label: 'Format',
      group: 'Editor',
      keys: 'alt+shift+f',
      whileTyping: true,
      run: () => void format(),
    },
    {
      id: 'editor-side',
      label: 'Schema and snippets',
      group: 'Editor',
      keys: 'mod+b',
      whileTyping: true,
      run: () => setSideOpen(!sideOpen),
    },
    {
      id: 'editor-outline',
      label: 'Outline of this file',
      group: 'Editor',
      words: 'statements symbols',
      run: () => showSide('outline'),
    },
    {
      id: 'editor-find',
      label: 'Find in all migrations',
      group: 'Editor',
      keys: 'mod+shift+f',
      words: 'search everywhere grep text',
      whileTyping: true,
      run: findEverywhere,
    },
    {
      id: 'generate-down',
      label: 'Generate the down from the up',
      group: 'Editor',
      keys: 'mod+alt+d',
      words: 'undo rollback reverse',
      whileTyping: true,
      run: () => void generateDown(),
    },
    {
      id: 'next-problem',
      label: 'Next finding',
      group: 'Editor',
      keys: 'f8',
      whileTyping: true,
      run: () => goToProblem(1),
    },
    {
      id: 'previous-problem',
      label: 'Previous finding',
      group: 'Editor',
      keys: 'shift+f8',
      whileTyping: true,
      run: () => goToProblem(-1),
    },
    {
      id: 'editor-problems',
      label: 'Findings',
      group: 'Editor',
      keys: 'mod+shift+m',
      words: 'problems risks lint validate',
      whileTyping: true,
      run: () => setProblemsOpen(!problemsOpen),
    },
    {
      id: 'leave-editor',
      label: 'Back to the migrations',
      group: 'Editor',
      keys: 'escape',
      run: () => navigate(paths.migrations(connection.id)),
    },
  ]);

  return (
    <section className={classes.screen} aria-label={`Editor: ${migration.name}`}>
      <Header
        connection={connection}
        doc={doc}
        found={found}
        problemsOpen={problemsOpen}
        readOnly={readOnly}
        sideOpen={sideOpen}
        canFormat={!large && !readOnly}
        onProblems={() => setProblemsOpen(!problemsOpen)}
        onSide={() => setSideOpen(!sideOpen)}
        onView={(view) => void setView(view)}
        onFormat={() => void format()}
        onFind={findEverywhere}
        onSave={() => void save()}
        onRun={() => void saveAndRun()}
        onPreview={() => void preview()}
      />
      <Notes
        connection={connection}
        doc={doc}
        readOnly={readOnly}
        large={large}
        onEditAnyway={() => setEditAnyway(true)}
        onCompare={() => setComparing(true)}
      />
      <div className={classes.work}>
        <div className={classes.center}>
          <Panes
            ref={panes}
            doc={doc}
            connection={connection}
            language={language}
            dialect={dialect}
            catalog={catalog ?? null}
            readOnly={readOnly}
            hasTransaction={!isJavaScript(migration.filename)}
            found={found}
            actionsOf={actionsOf}
            names={names}
            cursor={cursor}
            maker={maker}
            onGenerate={() => void generateDown()}
            onReady={onReady}
          />
          {problemsOpen && !isMissing && (
            <Problems
              chosen={chosen}
              found={found}
              fixes={fixes}
              readOnly={readOnly}
              onGo={goTo}
              onClose={() => setProblemsOpen(false)}
            />
          )}
        </div>
        {sideOpen && (
          <SidePanel
            dialect={dialect}
            catalog={catalog ?? null}
            error={catalogError}
            onRetry={() => void refetch()}
            connection={connection}
            readOnly={readOnly}
            tab={sideTab}
            texts={texts}
            filename={migration.filename}
            halves={found.halves}
            cursor={cursor}
            onTab={setSideTab}
            onGo={(pane, line) => panes.current?.goTo(pane, line, 1)}
            onOpen={open}
            onInsert={(text) => panes.current?.insert(text, false)}
            onSnippet={insertSnippet}
          />
        )}
      </div>
      <ConflictDialog
        doc={doc}
        language={language}
        comparing={comparing}
        onCompareEnd={() => setComparing(false)}
      />
      <DownDialog
        maker={maker}
        down={texts.down}
        language={language}
        firstLine={found.halves.up?.line ?? 1}
      />
      <NewFilesDialog connection={connection} fixes={fixes} />
      <LeaveGuard doc={doc} onSave={save} onFailed={notifyError} />
    </section>
  );
}

/** `?line=4` brings that line into sight, once the editor is there; without it, `otherwise`. */
function useLineOfAddress(goTo: (line: number, column?: number) => void, otherwise: () => void): () => void {
  const [params] = useSearchParams();
  const wanted = Number(params.get('line')) || null;
  const column = Number(params.get('column')) || 1;
  const ready = useRef(false);
  const latest = useRef({ goTo, wanted, column, otherwise });
  latest.current = { goTo, wanted, column, otherwise };
  useEffect(() => {
    if (wanted && ready.current) latest.current.goTo(wanted, latest.current.column);
  }, [wanted]);
  return useCallback(() => {
    ready.current = true;
    // All panes have their handles after this turn.
    setTimeout(() => {
      const now = latest.current;
      if (now.wanted) now.goTo(now.wanted, now.column);
      else now.otherwise();
    });
  }, []);
}

interface DownWays {
  start(): void;
  write(): void;
  generate(): void;
}

/** `?down=write` leads to the down, `?down=generate` has it written too: once, also on a file that is applied. */
function useDownOfAddress(ways: DownWays): () => void {
  const [params, setParams] = useSearchParams();
  const wanted = useRef(params.get('down'));
  const latest = useRef(ways);
  latest.current = ways;
  return useCallback(() => {
    const how = wanted.current;
    if (how !== 'write' && how !== 'generate') return;
    wanted.current = null;
    setParams({}, { replace: true });
    latest.current.start();
    // The text can be written after the next paint.
    setTimeout(() => {
      latest.current.write();
      if (how === 'generate') latest.current.generate();
    }, 50);
  }, [setParams]);
}

/** The cursor's line as the file counts it. */
function fileLine({ pane, line }: CursorLine, halves: Diagnostics['halves']): number {
  return pane === 'raw' ? line : line + (halves[pane]?.line ?? 1) - 1;
}

/** The down of a snippet with the words of its up, as plain text. */
function withoutPlaces(up: string, down: string): string {
  const words = new Map<string, string>();
  for (const [, number = '', word = ''] of `${up}${down}`.matchAll(/\$\{(\d+):([^}]*)\}/g))
    if (!words.has(number)) words.set(number, word);
  return down
    .replace(/\$\{(\d+)(?::[^}]*)?\}/g, (_all, number: string) => words.get(number) ?? '')
    .replace(/\$0/g, '')
    .replaceAll('\\$', '$')
    .trimEnd();
}

const firstLine = (problem: unknown) =>
  (problem instanceof Error ? problem.message : String(problem)).split('\n')[0] ?? '';
