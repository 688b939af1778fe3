/** The pages, once: the rail, the palette, the keys and the tabs all read this list. A new page is one entry here. */
import {
  IconAdjustmentsHorizontal,
  IconArchive,
  IconChartLine,
  IconDatabase,
  IconHistory,
  IconHome,
  IconLayoutDashboard,
  IconPlugConnected,
  IconSchema,
  IconSettings,
  IconStack2,
  IconTimeline,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { paths } from '../lib/paths';

interface Named {
  /** As `pageOf` calls it: the part of the address after the connection. */
  id: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** `g` and a letter; each letter once. */
  keys: string;
  /** More words the palette finds it by. */
  words?: string;
}

export interface ConnectionPage extends Named {
  path(connection: string): string;
}

export interface AppPage extends Named {
  path: string;
}

/** The pages of a connection, in the order of the rail. */
export const CONNECTION_PAGES: ConnectionPage[] = [
  {
    id: 'dashboard',
    label: 'Dashboard',
    icon: IconLayoutDashboard,
    keys: 'g d',
    words: 'overview attention progress pending',
    path: paths.dashboard,
  },
  {
    id: 'migrations',
    label: 'Migrations',
    icon: IconStack2,
    keys: 'g m',
    words: 'files pending applied failed',
    path: paths.migrations,
  },
  {
    id: 'timeline',
    label: 'Timeline',
    icon: IconTimeline,
    keys: 'g t',
    words: 'runs activity what happened when who',
    path: paths.timeline,
  },
  {
    id: 'schema',
    label: 'Schema',
    icon: IconSchema,
    keys: 'g s',
    words: 'diff compare drift diagram tables collections columns indexes docs documentation generate',
    path: paths.schema,
  },
  {
    id: 'database',
    label: 'Database',
    icon: IconDatabase,
    keys: 'g r',
    words: 'server schema file dump load create drop wait',
    path: paths.database,
  },
  {
    id: 'history',
    label: 'History',
    icon: IconHistory,
    keys: 'g h',
    words: 'runs log record export csv who when',
    path: paths.history,
  },
  {
    id: 'backups',
    label: 'Backups',
    icon: IconArchive,
    keys: 'g b',
    words: 'backup restore dump copy safety retention verify',
    path: (connection) => paths.backups(connection),
  },
  {
    id: 'analytics',
    label: 'Analytics',
    icon: IconChartLine,
    keys: 'g a',
    words: 'success rate trend slowest outliers report performance',
    path: paths.analytics,
  },
  {
    id: 'connection',
    label: 'Connection',
    icon: IconAdjustmentsHorizontal,
    keys: 'g e',
    words: 'edit variables url password environment',
    path: paths.connection,
  },
];

/** The pages of no connection, at the rail's foot. */
export const APP_PAGES: AppPage[] = [
  {
    id: 'home',
    label: 'Home',
    icon: IconHome,
    keys: 'g o',
    words: 'overview all databases environments',
    path: paths.overview,
  },
  {
    id: 'connections',
    label: 'All connections',
    icon: IconPlugConnected,
    keys: 'g c',
    words: 'databases projects',
    path: paths.connections,
  },
  {
    id: 'settings',
    label: 'Settings',
    icon: IconSettings,
    keys: 'g ,',
    words: 'theme dark light editor tools about rules options preferences',
    path: paths.settings,
  },
];
