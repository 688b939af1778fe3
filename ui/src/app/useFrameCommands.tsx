/** The commands that are there on every page: pages, new things, tabs. The palette adds connections and what is found. */
import { spotlight } from '@mantine/spotlight';
import {
  IconArchive,
  IconFilePlus,
  IconFolderOpen,
  IconHistory,
  IconKeyboard,
  IconLink,
  IconMoon,
  IconPlayerPlay,
  IconPlus,
  IconSun,
  IconX,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useAction } from '../api/actions';
import { backUpNow } from '../api/backups';
import { useCurrentConnection } from '../api/connections';
import { isWindowShell } from '../api/invoke';
import {
  closeTab,
  closeTabs,
  placeOfPage,
  reopenTab,
  showTabAt,
  stepTab,
  useClosedTabs,
  useTabs,
} from '../api/tabs';
import type { Connection } from '../api/types.generated';
import { askRun } from '../components/run/ask';
import { keysShown, newConnectionAsked } from '../lib/asked';
import { type Command, GROUPS, useCommands } from '../lib/commands';
import { paths } from '../lib/paths';
import { APP_PAGES, CONNECTION_PAGES } from './pages';

const ICON = { size: 16, stroke: 1.8 };

export function useFrameCommands(): void {
  const connection = useCurrentConnection();
  useCommands([
    ...useConnectionCommands(connection),
    ...usePageCommands(),
    ...useTabCommands(connection),
    ...useEverywhere(),
  ]);
}

function useConnectionCommands(connection: Connection | null): Command[] {
  const navigate = useNavigate();
  if (!connection) return [];
  const newMigration = () => void navigate(paths.newMigration(connection.id));
  return [
    ...CONNECTION_PAGES.map((page) => ({
      id: `go-${page.id}`,
      label: page.label,
      group: GROUPS.go,
      keys: page.keys,
      words: page.words,
      description: connection.name,
      icon: <page.icon {...ICON} />,
      run: () => void navigate(placeOfPage(connection.id, page.id, page.path(connection.id))),
    })),
    {
      id: 'new-migration',
      label: 'New migration',
      group: GROUPS.do,
      keys: 'n',
      description: connection.name,
      icon: <IconFilePlus {...ICON} />,
      run: newMigration,
    },
    // Browsers keep Ctrl+N for themselves; the app's own window does not.
    ...(isWindowShell()
      ? [
          {
            id: 'new-migration-while-typing',
            label: 'New migration',
            group: GROUPS.do,
            keys: 'mod+n',
            whileTyping: true,
            hidden: true,
            run: newMigration,
          },
        ]
      : []),
    {
      id: 'apply-all',
      label: `Apply everything pending to ${connection.name}`,
      group: GROUPS.do,
      words: 'up migrate run',
      icon: <IconPlayerPlay {...ICON} />,
      run: () => askRun({ channel: 'migration:up', connection: connection.id }),
    },
    {
      id: 'backup-now',
      label: `Back up ${connection.name} now`,
      group: GROUPS.do,
      words: 'backup dump copy safety',
      icon: <IconArchive {...ICON} />,
      run: () => {
        void backUpNow(connection.id);
        void navigate(paths.backups(connection.id));
      },
    },
  ];
}

function usePageCommands(): Command[] {
  const navigate = useNavigate();
  return APP_PAGES.map((page) => ({
    id: `go-${page.id}`,
    label: page.label,
    group: GROUPS.go,
    keys: page.keys,
    words: page.words,
    icon: <page.icon {...ICON} />,
    run: () => void navigate(page.path),
  }));
}

/**
 * Tabs by keys that no browser takes: `g 1`, `]`, `[`, `g x`. The app's own window has no tabs of a browser around it,
 * so there the keys everyone's fingers know do the same.
 */
function useTabCommands(connection: Connection | null): Command[] {
  const tabs = useTabs();
  const closed = useClosedTabs();
  const id = connection?.id ?? null;
  const group = GROUPS.tabs;
  const inWindow = isWindowShell();
  const also = (of: Command, keys: string): Command => ({
    ...of,
    id: `${of.id} ${keys}`,
    keys,
    whileTyping: true,
    hidden: true,
  });
  const commands: Command[] = [];
  if (tabs.length > 1) {
    const next: Command = {
      id: 'tab-next',
      label: 'Next tab',
      group,
      keys: ']',
      run: () => stepTab(id, 1),
    };
    const previous: Command = {
      id: 'tab-previous',
      label: 'Previous tab',
      group,
      keys: '[',
      run: () => stepTab(id, -1),
    };
    const numbered = tabs.slice(0, 9).map(
      (_, at): Command => ({
        id: `tab-${at + 1}`,
        label: 'The tab of this number',
        group,
        keys: `g ${at + 1}`,
        hidden: true,
        run: () => showTabAt(at),
      }),
    );
    commands.push(next, previous, ...numbered);
    if (inWindow) {
      commands.push(also(next, 'ctrl+tab'), also(previous, 'ctrl+shift+tab'));
      commands.push(...numbered.map((one, at) => also(one, `mod+${at + 1}`)));
    }
  }
  if (connection) {
    const others = tabs.map((tab) => tab.connection).filter((one) => one !== connection.id);
    const close: Command = {
      id: 'tab-close',
      label: `Close the tab of ${connection.name}`,
      group,
      keys: 'g x',
      icon: <IconX {...ICON} />,
      run: () => closeTab(connection.id, connection.id),
    };
    commands.push(close);
    if (inWindow) commands.push(also(close, 'mod+w'));
    if (others.length > 0)
      commands.push({
        id: 'tab-close-others',
        label: 'Close the other tabs',
        group,
        icon: <IconX {...ICON} />,
        run: () => closeTabs(others, connection.id),
      });
  }
  if (closed.length > 0) {
    const reopen: Command = {
      id: 'tab-reopen',
      label: 'Open the closed tab again',
      group,
      keys: 'g z',
      icon: <IconHistory {...ICON} />,
      run: reopenTab,
    };
    commands.push(reopen);
    if (inWindow) commands.push(also(reopen, 'mod+shift+t'));
  }
  return commands;
}

function useEverywhere(): Command[] {
  const settings = useAction('settings:update');
  const wear = (theme: 'light' | 'dark' | 'system') => settings.mutate({ changes: { theme } });
  return [
    {
      id: 'new-connection',
      label: 'New connection',
      group: GROUPS.do,
      icon: <IconPlus {...ICON} />,
      run: () => newConnectionAsked.set('form'),
    },
    {
      id: 'paste-url',
      label: 'New connection from a URL',
      group: GROUPS.do,
      icon: <IconLink {...ICON} />,
      run: () => newConnectionAsked.set('url'),
    },
    {
      id: 'open-folder',
      label: 'Open a folder with migrations',
      group: GROUPS.do,
      words: 'adopt project dbmate migrate-mongo',
      icon: <IconFolderOpen {...ICON} />,
      run: () => newConnectionAsked.set('folder'),
    },
    {
      id: 'theme-light',
      label: 'Light theme',
      group: GROUPS.look,
      words: 'colour scheme bright appearance',
      icon: <IconSun {...ICON} />,
      run: () => wear('light'),
    },
    {
      id: 'theme-dark',
      label: 'Dark theme',
      group: GROUPS.look,
      words: 'colour scheme night appearance',
      icon: <IconMoon {...ICON} />,
      run: () => wear('dark'),
    },
    {
      id: 'theme-system',
      label: 'Theme of the system',
      group: GROUPS.look,
      words: 'colour scheme light dark appearance auto',
      icon: <IconSun {...ICON} />,
      run: () => wear('system'),
    },
    {
      id: 'palette',
      label: 'Search or run a command',
      group: GROUPS.everywhere,
      keys: 'mod+k',
      whileTyping: true,
      hidden: true,
      run: () => spotlight.open(),
    },
    {
      id: 'keys',
      label: 'List of keys',
      group: GROUPS.everywhere,
      keys: '?',
      words: 'shortcuts hotkeys keyboard',
      icon: <IconKeyboard {...ICON} />,
      run: () => keysShown.set(true),
    },
  ];
}
