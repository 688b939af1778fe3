/** Where the app opens: the connection and page of last time, else the first steps. */
import { lazy } from 'react';
import { Navigate } from 'react-router';
import { useConnections } from '../api/connections';
import { useSettings } from '../api/settings';
import { ErrorPanel } from '../components/ErrorPanel';
import { Page } from '../components/Page';
import { paths } from '../lib/paths';

const Welcome = lazy(() => import('../pages/welcome'));

export function Start() {
  const settings = useSettings();
  const { data, error, refetch } = useConnections();
  if (error) {
    return (
      <Page title="DB Toolkit">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  }
  if (!data || !settings) return null;
  if (data.connections.length === 0) return <Welcome />;
  const last = data.connections.find((one) => one.id === settings.ui.last_connection) ?? data.connections[0];
  if (!last) return <Welcome />;
  const to = settings.ui.last_page === 'database' ? paths.database(last.id) : paths.migrations(last.id);
  return <Navigate to={to} replace />;
}
