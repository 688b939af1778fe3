/** The text: up and down beside each other with an edge to drag, or the whole file. */
import { Button, Switch, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { type PointerEvent, type Ref, useImperativeHandle, useMemo, useRef } from 'react';
import { useRemembered } from '../../api/settings';
import type { Catalog, Connection } from '../../api/types.generated';
import type { CodeEditorProps, CodeHandle } from '../../editor/CodeEditor';
import { type Marker, markersByHalf, markersOf } from '../../editor/diagnostics';
import type { Dialect, LanguageId } from '../../editor/languages';
import { CodeEditor } from '../../editor/lazy';
import type { Store } from '../../lib/store';
import { DownNote } from './DownNote';
import classes from './editor.module.css';
import type { CursorLine } from './Outline';
import type { Diagnostics } from './useDiagnostics';
import type { Doc } from './useDocument';
import type { DownMaker } from './useGenerateDown';

export type PaneName = 'up' | 'down' | 'raw';

export interface PanesHandle {
  focus(): void;
  goTo(pane: PaneName, line: number, column: number): void;
  /** Into the pane that was last used, or the one named. */
  insert(text: string, asSnippet: boolean, pane?: PaneName): void;
  flush(): void;
  /** What is selected in the pane that was last used. */
  selected(): string;
}

interface Props {
  doc: Doc;
  connection: Connection;
  language: LanguageId;
  dialect: Dialect;
  catalog: Catalog | null;
  readOnly: boolean;
  hasTransaction: boolean;
  found: Diagnostics;
  actionsOf: CodeEditorProps['actionsOf'];
  names: CodeEditorProps['names'];
  cursor: Store<CursorLine>;
  maker: DownMaker;
  onGenerate(): void;
  onReady(): void;
  ref: Ref<PanesHandle>;
}

export function Panes({
  doc,
  connection,
  language,
  dialect,
  catalog,
  readOnly,
  hasTransaction,
  found,
  actionsOf,
  names,
  cursor,
  maker,
  onGenerate,
  onReady,
  ref,
}: Props) {
  const editors = {
    up: useRef<CodeHandle>(null),
    down: useRef<CodeHandle>(null),
    raw: useRef<CodeHandle>(null),
  };
  const last = useRef<PaneName>('up');
  const { base, texts, change } = doc;
  const markers = useMemo(
    () => markersByPane(found.list, found.halves, texts.view === 'raw'),
    [found.list, found.halves, texts.view],
  );
  const active = (): PaneName => (texts.view === 'raw' ? 'raw' : last.current === 'down' ? 'down' : 'up');

  useImperativeHandle(ref, () => ({
    focus: () => editors[active()].current?.focus(),
    goTo: (pane, line, column) => editors[pane].current?.goTo(line, column),
    insert: (text, asSnippet, pane) =>
      !readOnly && editors[pane ?? active()].current?.insert(text, asSnippet),
    flush: () => {
      for (const editor of Object.values(editors)) editor.current?.flush();
    },
    selected: () => editors[active()].current?.selected() ?? '',
  }));

  const shared = {
    language,
    dialect,
    catalog,
    actionsOf,
    names,
    menu: [{ id: 'generateDown', label: 'Generate the down', run: onGenerate }],
    readOnly,
    readOnlyMessage: base.file.migration.flags.includes('missing_file')
      ? 'The file is missing: this is what ran.'
      : `It is applied to ${connection.name}: choose “Edit anyway” first.`,
  };
  if (texts.view === 'raw') {
    return (
      <div className={classes.panes}>
        <div className={classes.pane}>
          <CodeEditor
            key="raw"
            {...shared}
            ref={editors.raw}
            value={texts.content}
            onChange={(content) => change({ content })}
            label="The whole file"
            markers={markers.raw}
            onCursor={(line) => cursor.set({ pane: 'raw', line })}
            onFocus={() => {
              last.current = 'raw';
            }}
            onReady={onReady}
          />
        </div>
      </div>
    );
  }
  const half = (name: 'up' | 'down') => (
    <CodeEditor
      key={name}
      {...shared}
      ref={editors[name]}
      value={texts[name]}
      onChange={(text) => change({ [name]: text })}
      label={name === 'up' ? 'Up' : 'Down'}
      placeholder={placeholder(name, dialect)}
      markers={markers[name]}
      firstLine={found.halves[name]?.line ?? 1}
      onFocus={() => {
        last.current = name;
      }}
      onCursor={(line) => cursor.set({ pane: name, line })}
      onReady={name === 'up' ? onReady : undefined}
    />
  );
  return (
    <Split
      left={
        <>
          <PaneHead title="Up" note="what applying does">
            {hasTransaction && readOnly && (
              <span className="faint">
                {texts.transaction ? 'In a transaction' : 'Outside of a transaction'}
              </span>
            )}
            {hasTransaction && !readOnly && (
              <Tooltip
                multiline
                maw={300}
                label="In a transaction a failure leaves nothing behind, where the database can do that. Some statements (CREATE INDEX CONCURRENTLY, VACUUM) must run outside of one."
              >
                <Switch
                  label="Transaction"
                  labelPosition="left"
                  checked={texts.transaction}
                  onChange={(event) => change({ transaction: event.currentTarget.checked })}
                />
              </Tooltip>
            )}
          </PaneHead>
          <div className={classes.code}>{half('up')}</div>
        </>
      }
      right={
        <>
          <PaneHead title="Down" note="what rolling back does">
            {!readOnly && (
              <Tooltip label="Write what undoes up (Ctrl+Alt+D)">
                <Button
                  variant="subtle"
                  size="compact-sm"
                  leftSection={<IconArrowBackUp size={14} />}
                  loading={maker.isMaking}
                  onClick={onGenerate}
                >
                  Generate
                </Button>
              </Tooltip>
            )}
          </PaneHead>
          {maker.last && !readOnly && (
            <DownNote
              made={maker.last}
              transaction={texts.transaction}
              firstLine={found.halves.up?.line ?? 1}
              onGo={(line) => editors.up.current?.goTo(line)}
              onDismiss={maker.dismiss}
            />
          )}
          <div className={classes.code}>{half('down')}</div>
        </>
      }
    />
  );
}

function PaneHead({ title, note, children }: { title: string; note: string; children?: React.ReactNode }) {
  return (
    <div className={classes.paneHead}>
      <h2>{title}</h2>
      <span className="faint truncate">{note}</span>
      {children && <span className={classes.paneRight}>{children}</span>}
    </div>
  );
}

const MIN_SHARE = 20;

function Split({ left, right }: { left: React.ReactNode; right: React.ReactNode }) {
  const [share, setShare] = useRemembered('editor_split', 58);
  const box = useRef<HTMLDivElement>(null);
  const move = (to: number) => setShare(Math.round(Math.max(MIN_SHARE, Math.min(100 - MIN_SHARE, to))));
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault();
    const edge = event.currentTarget;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = (at) => {
      const area = box.current?.getBoundingClientRect();
      if (!area) return;
      const stacked = box.current && getComputedStyle(box.current).flexDirection === 'column';
      move(
        stacked
          ? (100 * (at.clientY - area.top)) / area.height
          : (100 * (at.clientX - area.left)) / area.width,
      );
    };
    edge.onpointerup = () => {
      edge.onpointermove = null;
    };
  };
  return (
    <div className={classes.panesBox}>
      <div ref={box} className={classes.panes}>
        <div className={classes.pane} style={{ flex: `${share} 1 0` }}>
          {left}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: a separator that can be moved is no <hr>. */}
        <div
          role="separator"
          tabIndex={0}
          aria-label="Width of up"
          aria-valuenow={share}
          aria-valuemin={MIN_SHARE}
          aria-valuemax={100 - MIN_SHARE}
          className={classes.edge}
          onPointerDown={drag}
          onDoubleClick={() => move(50)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') move(share - 4);
            if (event.key === 'ArrowRight' || event.key === 'ArrowDown') move(share + 4);
          }}
        />
        <div className={classes.pane} style={{ flex: `${100 - share} 1 0` }}>
          {right}
        </div>
      </div>
    </div>
  );
}

function placeholder(half: 'up' | 'down', dialect: Dialect): string {
  if (dialect === 'mongodb')
    return half === 'up'
      ? 'await db.collection("users").createIndex({ email: 1 });'
      : 'What undoes it: await db.collection("users").dropIndex("email_1");';
  return half === 'up' ? 'CREATE TABLE …' : 'What undoes it: DROP TABLE …';
}

/** What is said of the file, under the text of the pane it stands in. */
function markersByPane(
  list: Diagnostics['list'],
  halves: Diagnostics['halves'],
  isRaw: boolean,
): Record<PaneName, Marker[]> {
  return isRaw ? { up: [], down: [], raw: markersOf(list) } : { ...markersByHalf(list, halves), raw: [] };
}
