/** Beside the text: the live schema, the file's outline, a search through all files, and snippets. */
import { Tabs, Tooltip } from '@mantine/core';
import { IconListTree, IconSearch, IconTable, IconTemplate } from '@tabler/icons-react';
import type { ChannelError } from '../../api/invoke';
import type { Catalog, Connection } from '../../api/types.generated';
import type { Halves } from '../../editor/halves';
import type { Dialect } from '../../editor/languages';
import { type Snippet, snippetsOf } from '../../editor/snippets';
import type { Store } from '../../lib/store';
import type { Texts } from './document';
import classes from './editor.module.css';
import { FindPanel } from './FindPanel';
import { type CursorLine, Outline } from './Outline';
import type { PaneName } from './Panes';
import { SchemaTree } from './SchemaTree';
import type { FilePlace } from './usePlaces';

export type SideTab = 'schema' | 'outline' | 'find' | 'snippets';

interface Props {
  connection: Connection;
  dialect: Dialect;
  catalog: Catalog | null;
  error: ChannelError | null;
  readOnly: boolean;
  tab: SideTab;
  texts: Texts;
  filename: string;
  halves: Halves;
  cursor: Store<CursorLine>;
  onTab(tab: SideTab): void;
  onRetry(): void;
  onInsert(text: string): void;
  onSnippet(snippet: Snippet): void;
  onGo(pane: PaneName, line: number): void;
  onOpen(place: FilePlace): void;
}

const TABS: Array<{ value: SideTab; label: string; icon: typeof IconTable; keys?: string }> = [
  { value: 'schema', label: 'Schema', icon: IconTable },
  { value: 'outline', label: 'Outline', icon: IconListTree },
  { value: 'find', label: 'Find', icon: IconSearch, keys: 'Ctrl+Shift+F' },
  { value: 'snippets', label: 'Snippets', icon: IconTemplate },
];

export function SidePanel(props: Props) {
  return (
    <aside className={classes.side} aria-label="Schema and snippets">
      <Tabs
        value={props.tab}
        onChange={(tab) => tab && props.onTab(tab as SideTab)}
        keepMounted={false}
        classNames={{ root: classes.tabs, panel: classes.tabPanel, tab: classes.tab }}
      >
        <Tabs.List>
          {TABS.map(({ value, label, icon: Icon, keys }) => (
            <Tooltip key={value} label={`${TITLES[value]}${keys ? ` (${keys})` : ''}`}>
              <Tabs.Tab value={value} aria-label={label}>
                <span className={classes.tabLabel}>
                  <Icon size={15} aria-hidden />
                  {props.tab === value && label}
                </span>
              </Tabs.Tab>
            </Tooltip>
          ))}
        </Tabs.List>
        <Tabs.Panel value="schema">
          <SchemaTree {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="outline">
          <Outline
            texts={props.texts}
            dialect={props.dialect}
            halves={props.halves}
            cursor={props.cursor}
            onGo={props.onGo}
          />
        </Tabs.Panel>
        <Tabs.Panel value="find">
          <FindPanel connection={props.connection} filename={props.filename} onOpen={props.onOpen} />
        </Tabs.Panel>
        <Tabs.Panel value="snippets">
          <Snippets dialect={props.dialect} readOnly={props.readOnly} onSnippet={props.onSnippet} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

const TITLES: Record<SideTab, string> = {
  schema: 'The live schema',
  outline: 'Statements of this file',
  find: 'Find in all migrations',
  snippets: 'Pieces to start from',
};

function Snippets({ dialect, readOnly, onSnippet }: Pick<Props, 'dialect' | 'readOnly' | 'onSnippet'>) {
  return (
    <ul className={classes.snippets}>
      {snippetsOf(dialect).map((one) => (
        <li key={one.name}>
          <button type="button" disabled={readOnly} onClick={() => onSnippet(one)}>
            <span className={classes.snippetName}>{one.name}</span>
            <span className="dim">{one.about}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
