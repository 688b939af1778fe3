/** What can be done with a connection, wherever it stands: the rail, its tab, the list of all. */

import {
  IconArrowBarRight,
  IconCopy,
  IconExternalLink,
  IconFilePlus,
  IconFolder,
  IconPlayerPlay,
  IconPlugConnected,
  IconX,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { useConnectionId } from '../../api/connections';
import { refresh } from '../../api/queries';
import { closeTab, openInBackground, showConnection, useTabs } from '../../api/tabs';
import type { Connection } from '../../api/types.generated';
import { CONNECTION_PAGES } from '../../app/pages';
import type { MenuEntry } from '../../lib/contextMenu';
import { paths } from '../../lib/paths';
import { askRun } from '../run/ask';

const ICON = { size: 15, stroke: 1.8 };

const copy = (text: string) => void navigator.clipboard?.writeText(text);

/** The entries for a connection, as anywhere. */
export function useConnectionMenu(): (connection: Connection) => MenuEntry[] {
  const navigate = useNavigate();
  const client = useQueryClient();
  const current = useConnectionId();
  const tabs = useTabs();
  return (connection) => {
    const { id, name } = connection;
    const isOpen = tabs.some((tab) => tab.connection === id);
    return [
      {
        label: 'Open',
        icon: <IconExternalLink {...ICON} />,
        disabled: id === current,
        run: () => showConnection(id),
      },
      !isOpen && {
        label: 'Open in the background',
        icon: <IconArrowBarRight {...ICON} />,
        run: () => openInBackground(id),
      },
      'divider',
      ...CONNECTION_PAGES.map((page) => ({
        label: page.label,
        icon: <page.icon {...ICON} />,
        run: () => void navigate(page.path(id)),
      })),
      'divider',
      {
        label: 'New migration',
        icon: <IconFilePlus {...ICON} />,
        run: () => void navigate(paths.newMigration(id)),
      },
      {
        label: `Apply everything pending to ${name}…`,
        icon: <IconPlayerPlay {...ICON} />,
        disabled: connection.read_only,
        run: () => askRun({ channel: 'migration:up', connection: id }),
      },
      {
        label: 'Ask the server again',
        icon: <IconPlugConnected {...ICON} />,
        run: () => void refresh(client, ['connection:test', 'migration:'], id),
      },
      'divider',
      {
        label: 'Copy the URL, without its password',
        icon: <IconCopy {...ICON} />,
        run: () => copy(connection.url),
      },
      {
        label: 'Copy the migrations folder',
        icon: <IconFolder {...ICON} />,
        run: () => copy(connection.migrations_dir),
      },
      isOpen && 'divider',
      isOpen && {
        label: 'Close the tab',
        icon: <IconX {...ICON} />,
        run: () => closeTab(id, current),
      },
    ];
  };
}
