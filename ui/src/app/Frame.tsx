/** What stands around every page: the rail, the header with its target, the run panel, and the shared dialogs. */
import { Button, Loader } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { useConnectionId, useConnections, useCurrentConnection } from '../api/connections';
import { rememberUi } from '../api/settings';
import { ConsentDialog } from '../components/ConsentDialog';
import { EmptyState } from '../components/EmptyState';
import { Page } from '../components/Page';
import { UnlockDialog } from '../components/UnlockDialog';
import { pageOf, paths } from '../lib/paths';
import classes from './Frame.module.css';
import { Header } from './Header';
import { KeysDialog } from './KeysDialog';
import { NewConnectionHost } from './NewConnectionHost';
import { Palette } from './Palette';
import { Rail } from './Rail';
import { useFrameCommands } from './useFrameCommands';

const RunPanel = lazy(() => import('../components/run'));

export function Frame() {
  const connection = useCurrentConnection();
  const isProduction = connection?.environment === 'production';
  useFrameCommands();
  useRememberPlace();
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
            <Place />
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

/** The page; or, where the address names a connection that is not there, that. */
function Place() {
  const id = useConnectionId();
  const { data } = useConnections();
  const navigate = useNavigate();
  if (!id || !data || data.connections.some((one) => one.id === id)) return <Outlet />;
  return (
    <Page title="No such connection">
      <EmptyState
        title={`There is no connection “${id}”`}
        actions={<Button onClick={() => navigate(paths.connections)}>All connections</Button>}
      >
        It may have been removed.
      </EmptyState>
    </Page>
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
