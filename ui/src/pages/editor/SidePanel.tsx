/** What can be inserted: the live schema and snippets. */
import { Tabs } from '@mantine/core';
import { useState } from 'react';
import type { ChannelError } from '../../api/invoke';
import type { Catalog, Connection } from '../../api/types.generated';
import type { Dialect } from '../../editor/languages';
import { type Snippet, snippetsOf } from '../../editor/snippets';
import classes from './editor.module.css';
import { SchemaTree } from './SchemaTree';

interface Props {
  connection: Connection;
  dialect: Dialect;
  catalog: Catalog | null;
  error: ChannelError | null;
  readOnly: boolean;
  onRetry(): void;
  onInsert(text: string): void;
  onSnippet(snippet: Snippet): void;
}

export function SidePanel(props: Props) {
  const [tab, setTab] = useState<string | null>('schema');
  return (
    <aside className={classes.side} aria-label="Schema and snippets">
      <Tabs value={tab} onChange={setTab} classNames={{ root: classes.tabs, panel: classes.tabPanel }}>
        <Tabs.List>
          <Tabs.Tab value="schema">Schema</Tabs.Tab>
          <Tabs.Tab value="snippets">Snippets</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="schema">
          <SchemaTree {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="snippets">
          <Snippets dialect={props.dialect} readOnly={props.readOnly} onSnippet={props.onSnippet} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}

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
