/** The palette: every action, connection, migration, table, template, setting and rule by typing a part of its name. */
import { Spotlight, spotlight } from '@mantine/spotlight';
import { IconBolt, IconClock, IconSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useCurrentConnection } from '../api/connections';
import { rememberUi, useSettings } from '../api/settings';
import { Kbd } from '../components/Kbd';
import { isOfPage, useAllCommands } from '../lib/commands';
import { pieces } from '../lib/match';
import classes from './Palette.module.css';
import {
  arrange,
  type Item,
  MODES,
  type Mode,
  RECENT,
  readQuery,
  readRecents,
  remember,
} from './palette/items';
import { useItems } from './palette/sources';

export function Palette() {
  const [typed, setTyped] = useState('');
  const connection = useCurrentConnection();
  return (
    <Spotlight.Root
      query={typed}
      onQueryChange={setTyped}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Search' } }}
      centered={false}
      yOffset={88}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      size={640}
      maxHeight={460}
      scrollable
      classNames={{ body: classes.body, search: classes.search, actionsGroup: classes.group }}
    >
      <Spotlight.Search
        placeholder={connection ? `Search ${connection.name}, or run a command` : 'Search, or run a command'}
        aria-label="Search or run a command"
        leftSection={<IconSearch size={18} stroke={1.8} />}
        leftSectionWidth={46}
      />
      <Found typed={typed} onMode={(sign) => setTyped(sign)} />
    </Spotlight.Root>
  );
}

/** On a low window the foot stays in sight. */
const LIST = { maxHeight: 'min(460px, calc(100dvh - 270px))' };

const NOTHING: Record<Mode, string> = {
  all: 'Nothing here is called',
  actions: 'No action is called',
  connections: 'No connection is called',
  tables: 'No table is called',
};

function Found({ typed, onMode }: { typed: string; onMode(sign: string): void }) {
  const { mode, query } = readQuery(typed);
  const client = useQueryClient();
  const navigate = useNavigate();
  const recents = readRecents(useSettings()?.ui.palette_recent);
  const items = useItems(query, mode);
  const own = useAllCommands().find(isOfPage)?.group ?? null;
  const sections = arrange(items, mode === 'all' ? recents : [], query, own);
  const list = useRef<HTMLDivElement>(null);
  const shown = sections.flatMap((section) => section.items.map((one) => one.id)).join('\n');
  useFirstSelected(list, typed, shown);

  const choose = (item: Item) => {
    rememberUi(client, { palette_recent: remember(recents, item) });
    if (item.run) item.run();
    else if (item.path) void navigate(item.path);
  };
  return (
    <>
      <Spotlight.ActionsList ref={list} style={LIST}>
        {sections.map(({ title, items: members }) => (
          <Spotlight.ActionsGroup key={title} label={title}>
            {members.map((item) => (
              <Entry key={item.id} item={item} query={query} section={title} onChoose={() => choose(item)} />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {sections.length === 0 && (
          <Spotlight.Empty>
            {query ? `${NOTHING[mode]} “${query}”.` : 'Nothing to choose from here.'}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
      <div className={classes.foot}>
        {Object.entries(MODES).map(([sign, name]) => (
          <button
            key={sign}
            type="button"
            tabIndex={-1}
            className={classes.hint}
            data-current={mode === name || undefined}
            onClick={() => onMode(mode === name ? '' : sign)}
          >
            <kbd>{sign}</kbd> {name}
          </button>
        ))}
        <span className={classes.moves} aria-hidden>
          <Kbd keys="arrowup arrowdown" /> choose <Kbd keys="enter" /> open
        </span>
      </div>
    </>
  );
}

interface EntryProps {
  item: Item;
  query: string;
  section: string;
  onChoose(): void;
}

function Entry({ item, query, section, onChoose }: EntryProps) {
  const choose = () => {
    // What is chosen may take the focus, so the palette is out of its way first.
    spotlight.close();
    onChoose();
  };
  return (
    <Spotlight.Action onClick={choose} closeSpotlightOnTrigger={false} className={classes.action}>
      <span className={classes.icon}>
        {item.icon ??
          (section === RECENT ? <IconClock size={16} stroke={1.8} /> : <IconBolt size={16} stroke={1.8} />)}
      </span>
      <span className={`truncate ${classes.label}`}>
        {pieces(item.label, query).map(({ text, hit }, at) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one label, in their order.
          hit ? <mark key={at}>{text}</mark> : text,
        )}
      </span>
      {item.note && (
        <span className={`truncate ${classes.note} ${item.mono ? 'mono' : ''}`}>{item.note}</span>
      )}
      <span className={classes.end}>
        {item.mark}
        {item.keys && <Kbd keys={item.keys} />}
      </span>
    </Spotlight.Action>
  );
}

/**
 * Enter takes the first of what is found. Spotlight marks it before the list is drawn for the new words, and with a
 * list that changes under it (ours is filtered here, and migrations come later) the mark would be lost.
 */
function useFirstSelected(list: RefObject<HTMLElement | null>, query: string, shown: string): void {
  const before = useRef(query);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again when what is shown changes.
  useEffect(() => {
    const marked = list.current?.querySelectorAll('[data-selected]') ?? [];
    const isNew = before.current !== query;
    before.current = query;
    if (query.trim() === '' || (!isNew && marked.length > 0)) return;
    for (const one of marked) one.removeAttribute('data-selected');
    list.current?.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
  }, [list, query, shown]);
}
