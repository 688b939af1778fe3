/** What stands around every page: the rail, the tabs, the header with its target, the run panel, the shared dialogs. */
import { Button, Loader } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Fragment, lazy, Suspense, useEffect, useRef } from 'react';
import { Outlet, useLocation, useNavigate } from 'react-router';
import { useConnectionId, useConnections, useCurrentConnection } from '../api/connections';
import { useErrorCatalogue } from '../api/errors';
import { rememberUi } from '../api/settings';
import { useKeepTabs } from '../api/tabs';
import { ConsentDialog } from '../components/ConsentDialog';
import { ContextMenuHost } from '../components/ContextMenu';
import { EmptyState } from '../components/EmptyState';
import { Page } from '../components/Page';
import { UnlockDialog } from '../components/UnlockDialog';
import { lendNavigate } from '../lib/navigation';
import { pageOf, paths } from '../lib/paths';
import { Banner } from './Banner';
import classes from './Frame.module.css';
import { Header } from './Header';
import { KeysDialog } from './KeysDialog';
import { NewConnectionHost } from './NewConnectionHost';
import { Palette } from './Palette';
import { Rail } from './Rail';
import { TabStrip } from './TabStrip';
import { useFrameCommands } from './useFrameCommands';
import { useKeptScroll } from './useKeptScroll';
import { useRunToasts } from './useRunToasts';
import { useTitle } from './useTitle';

const RunPanel = lazy(() => import('../components/run'));

export function Frame() {
  const connection = useCurrentConnection();
  const isProduction = connection?.environment === 'production';
  const navigate = useNavigate();
  const page = useRef<HTMLElement>(null);
  useEffect(() => lendNavigate(navigate), [navigate]);
  useFrameCommands();
  useKeepTabs();
  useRememberPlace();
  useKeptScroll(page);
  useTitle(connection);
  useRunToasts();
  // Read before it is needed: an error may be that the backend is gone.
  useErrorCatalogue();
  return (
    <div className={classes.frame} data-production={isProduction || undefined}>
      <a className={classes.skip} href="#page">
        Skip to the page
      </a>
      <Rail />
      <div className={classes.main}>
        <Banner />
        <TabStrip />
        <Header />
        <main id="page" ref={page} className={classes.page} tabIndex={-1}>
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
      <ContextMenuHost />
    </div>
  );
}

/** The page; or, where the address names a connection that is not there, that. */
function Place() {
  const id = useConnectionId();
  const { data } = useConnections();
  const navigate = useNavigate();
  if (!id || !data || data.connections.some((one) => one.id === id)) {
    // A page of one connection never goes on as the page of another: what it holds is of the one.
    return (
      <Fragment key={id}>
        <Outlet />
      </Fragment>
    );
  }
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
  const { pathname, search } = useLocation();
  useEffect(() => {
    const place = pageOf(pathname);
    if (place) rememberUi(client, { last_connection: place.connection, last_page: place.page });
    if (pathname !== paths.home) rememberUi(client, { last_path: pathname + search });
  }, [client, pathname, search]);
}
