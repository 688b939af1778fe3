/** What can be done with a tab. */
import {
  IconAdjustmentsHorizontal,
  IconArrowLeft,
  IconArrowRight,
  IconHistory,
  IconX,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useConnectionId } from '../api/connections';
import { closeTab, closeTabs, placeTab, reopenTab, useClosedTabs, useTabs } from '../api/tabs';
import type { Connection } from '../api/types.generated';
import type { MenuEntry } from '../lib/contextMenu';
import { paths } from '../lib/paths';

const ICON = { size: 15, stroke: 1.8 };

export function useTabMenu(): (connection: Connection) => MenuEntry[] {
  const navigate = useNavigate();
  const current = useConnectionId();
  const tabs = useTabs();
  const closed = useClosedTabs();
  return ({ id }) => {
    const at = tabs.findIndex((tab) => tab.connection === id);
    const others = tabs.map((tab) => tab.connection).filter((one) => one !== id);
    const after = tabs.slice(at + 1).map((tab) => tab.connection);
    return [
      { label: 'Close', icon: <IconX {...ICON} />, run: () => closeTab(id, current) },
      { label: 'Close the others', disabled: others.length === 0, run: () => closeTabs(others, current) },
      {
        label: 'Close those to the right',
        disabled: after.length === 0,
        run: () => closeTabs(after, current),
      },
      {
        label: 'Open the closed one again',
        icon: <IconHistory {...ICON} />,
        disabled: closed.length === 0,
        run: reopenTab,
      },
      'divider',
      {
        label: 'Move left',
        icon: <IconArrowLeft {...ICON} />,
        disabled: at === 0,
        run: () => placeTab(id, at - 1),
      },
      {
        label: 'Move right',
        icon: <IconArrowRight {...ICON} />,
        disabled: at === tabs.length - 1,
        run: () => placeTab(id, at + 1),
      },
      'divider',
      {
        label: 'Edit the connection',
        icon: <IconAdjustmentsHorizontal {...ICON} />,
        run: () => void navigate(paths.connection(id)),
      },
    ];
  };
}
