/** What stands around every page: the rail, the header with its target, the run panel, and the shared dialogs. */
import { Loader } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ComponentType, lazy, Suspense, useEffect } from 'react';
import { Outlet, useLocation } from 'react-router';
import { useCurrentConnection } from '../api/connections';
import { rememberUi } from '../api/settings';
import { ConsentDialog } from '../components/ConsentDialog';
import { UnlockDialog } from '../components/UnlockDialog';
import { listenForKeys } from '../lib/commands';
import { pageOf } from '../lib/paths';
import classes from './Frame.module.css';
import { Header } from './Header';
import { KeysDialog } from './KeysDialog';
import { NewConnectionHost } from './NewConnectionHost';
import { Palette } from './Palette';
import { Rail } from './Rail';
import { useFrameCommands } from './useFrameCommands';

const runPanel = import.meta.glob<{ default: ComponentType }>('../components/run/index.tsx')[
  '../components/run/index.tsx'
];
const RunPanel = runPanel ? lazy(runPanel) : () => null;

export function Frame() {
  const connection = useCurrentConnection();
  const isProduction = connection?.environment === 'production';
  useFrameCommands();
  useRememberPlace();
  useEffect(() => listenForKeys(), []);
  return (
    <div className={classes.frame} data-production={isProduction || undefined}>
      <a className={classes.skip} href="#page">
        Skip to the page
      </a>
      <Rail />
      <div className={classes.main}>
        <Header />
        <main id="page" className={classes.page} tabIndex={-1}>
          <Suspense fallback={<PageLoading />}>
            <Outlet />
          </Suspense>
        </main>
        <Suspense fallback={null}>
          <RunPanel />
        </Suspense>
      </div>
      <Palette />
      <KeysDialog />
      <NewConnectionHost />
      <UnlockDialog />
      <ConsentDialog />
    </div>
  );
}

function PageLoading() {
  return (
    <div className={classes.loading}>
      <Loader aria-label="Loading the page" />
    </div>
  );
}

/** The next start opens where this one was left. */
function useRememberPlace() {
  const client = useQueryClient();
  const { pathname } = useLocation();
  useEffect(() => {
    const place = pageOf(pathname);
    if (place) rememberUi(client, { last_connection: place.connection, last_page: place.page });
  }, [client, pathname]);
}
