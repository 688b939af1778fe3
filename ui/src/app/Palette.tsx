/** The palette: every command, connection and migration by typing a part of its name. */

import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import { IconFileText, IconSearch } from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useCurrentConnection } from '../api/connections';
import { useChannel } from '../api/queries';
import { Kbd } from '../components/Kbd';
import { StatusBadge } from '../components/StatusBadge';
import { type Command, useAllCommands } from '../lib/commands';
import { groupBy } from '../lib/groups';
import { paths } from '../lib/paths';
import classes from './Palette.module.css';

const MIGRATIONS_SHOWN = 8;

/** Every word typed must be somewhere in what the command says of itself. */
export function matches(command: Command, query: string): boolean {
  const text =
    `${command.label} ${command.group} ${command.description ?? ''} ${command.words ?? ''}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function Palette() {
  const [query, setQuery] = useState('');
  const commands = useAllCommands().filter((one) => !one.hidden && matches(one, query));
  const groups = groupBy(commands, (one) => one.group);
  const migrations = useMigrations(query);
  const navigate = useNavigate();
  const connection = useCurrentConnection();
  const list = useRef<HTMLDivElement>(null);
  const shown = [...commands.map((one) => one.id), ...migrations.map((one) => one.filename)].join('\n');
  useFirstSelected(list, query, shown);
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Search' } }}
      centered={false}
      yOffset={96}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      size={600}
      maxHeight={440}
      scrollable
      classNames={{ body: classes.body, search: classes.search, actionsGroup: classes.group }}
    >
      <Spotlight.Search
        placeholder={connection ? `Search ${connection.name}, or run a command` : 'Search, or run a command'}
        aria-label="Search or run a command"
        leftSection={<IconSearch size={18} stroke={1.8} />}
        leftSectionWidth={46}
      />
      <Spotlight.ActionsList ref={list}>
        {[...groups].map(([group, members]) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {members.map((command) => (
              <Spotlight.Action key={command.id} onClick={command.run} className={classes.action}>
                <span className={classes.icon}>{command.icon}</span>
                <span className="truncate">{command.label}</span>
                {command.description && (
                  <span className={`truncate ${classes.note}`}>{command.description}</span>
                )}
                {command.keys && (
                  <span className={classes.keys}>
                    <Kbd keys={command.keys} />
                  </span>
                )}
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {connection && migrations.length > 0 && (
          <Spotlight.ActionsGroup label={`Migrations of ${connection.name}`}>
            {migrations.map((one) => (
              <Spotlight.Action
                key={one.filename}
                className={classes.action}
                onClick={() => navigate(paths.editor(connection.id, one.filename))}
              >
                <span className={classes.icon}>
                  <IconFileText size={16} stroke={1.8} />
                </span>
                <span className="truncate">{one.name}</span>
                <span className={`truncate mono ${classes.note}`}>{one.version}</span>
                <span className={classes.keys}>
                  <StatusBadge status={one.status} plain />
                </span>
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        )}
        {commands.length === 0 && migrations.length === 0 && (
          <Spotlight.Empty>Nothing here is called “{query}”.</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
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

function useMigrations(query: string) {
  const [asked] = useDebouncedValue(query.trim(), 120);
  const connection = useCurrentConnection();
  const { data } = useChannel(
    'migration:list',
    { connection: connection?.id ?? '', query: asked, limit: MIGRATIONS_SHOWN, order: 'newest' },
    { enabled: connection !== null && asked.length > 1, placeholderData: (before) => before },
  );
  return query.trim().length > 1 ? (data?.migrations ?? []) : [];
}
