/** The commands that are there on every page: pages, connections, new things. */
import { spotlight } from '@mantine/spotlight';
import {
  IconAdjustmentsHorizontal,
  IconDatabase,
  IconFilePlus,
  IconFolderOpen,
  IconKeyboard,
  IconLink,
  IconPlayerPlay,
  IconPlugConnected,
  IconPlus,
  IconSettings,
  IconStack2,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useConnections, useCurrentConnection } from '../api/connections';
import { EngineIcon } from '../components/EngineIcon';
import { askRun } from '../components/run/ask';
import { keysShown, newConnectionAsked } from '../lib/asked';
import { type Command, useCommands } from '../lib/commands';
import { paths } from '../lib/paths';

const ICON = { size: 16, stroke: 1.8 };

export function useFrameCommands(): void {
  const navigate = useNavigate();
  const connection = useCurrentConnection();
  const { data } = useConnections();

  const ofConnection: Command[] = connection
    ? [
        {
          id: 'go-migrations',
          label: 'Migrations',
          group: 'Go to',
          keys: 'g m',
          icon: <IconStack2 {...ICON} />,
          run: () => navigate(paths.migrations(connection.id)),
        },
        {
          id: 'go-database',
          label: 'Database',
          group: 'Go to',
          keys: 'g d',
          words: 'tables schema collections',
          icon: <IconDatabase {...ICON} />,
          run: () => navigate(paths.database(connection.id)),
        },
        {
          id: 'go-connection',
          label: 'Connection',
          group: 'Go to',
          keys: 'g c',
          words: 'edit variables url password',
          icon: <IconAdjustmentsHorizontal {...ICON} />,
          run: () => navigate(paths.connection(connection.id)),
        },
        {
          id: 'new-migration',
          label: 'New migration',
          group: 'Do',
          keys: 'mod+n',
          whileTyping: true,
          description: connection.name,
          icon: <IconFilePlus {...ICON} />,
          run: () => navigate(paths.newMigration(connection.id)),
        },
        {
          // Browsers keep Ctrl+N for themselves.
          id: 'new-migration-in-browser',
          label: 'New migration',
          group: 'Do',
          keys: 'n',
          hidden: true,
          run: () => navigate(paths.newMigration(connection.id)),
        },
        {
          id: 'apply-all',
          label: `Apply everything pending to ${connection.name}`,
          group: 'Do',
          words: 'up migrate run',
          icon: <IconPlayerPlay {...ICON} />,
          run: () => askRun({ channel: 'migration:up', connection: connection.id }),
        },
      ]
    : [];

  const everywhere: Command[] = [
    {
      id: 'go-connections',
      label: 'All connections',
      group: 'Go to',
      keys: 'g a',
      icon: <IconPlugConnected {...ICON} />,
      run: () => navigate(paths.connections),
    },
    {
      id: 'go-settings',
      label: 'Settings',
      group: 'Go to',
      keys: 'g s',
      words: 'theme dark light editor tools about',
      icon: <IconSettings {...ICON} />,
      run: () => navigate(paths.settings),
    },
    {
      id: 'new-connection',
      label: 'New connection',
      group: 'Do',
      icon: <IconPlus {...ICON} />,
      run: () => newConnectionAsked.set('form'),
    },
    {
      id: 'paste-url',
      label: 'New connection from a URL',
      group: 'Do',
      icon: <IconLink {...ICON} />,
      run: () => newConnectionAsked.set('url'),
    },
    {
      id: 'open-folder',
      label: 'Open a folder with migrations',
      group: 'Do',
      words: 'adopt project dbmate migrate-mongo',
      icon: <IconFolderOpen {...ICON} />,
      run: () => newConnectionAsked.set('folder'),
    },
    {
      id: 'palette',
      label: 'Search or run a command',
      group: 'Everywhere',
      keys: 'mod+k',
      whileTyping: true,
      hidden: true,
      run: () => spotlight.open(),
    },
    {
      id: 'keys',
      label: 'List of keys',
      group: 'Everywhere',
      keys: '?',
      icon: <IconKeyboard {...ICON} />,
      run: () => keysShown.set(true),
    },
  ];

  const connections: Command[] = (data?.connections ?? []).map((one) => ({
    id: `connection-${one.id}`,
    label: one.name,
    group: 'Connections',
    description: one.environment,
    words: `${one.engine} ${one.database ?? ''} ${one.host ?? ''}`,
    icon: <EngineIcon engine={one.engine} color={one.color} />,
    run: () => navigate(paths.migrations(one.id)),
  }));

  useCommands([...ofConnection, ...everywhere, ...connections]);
}
