/** Where the app opens: the connection and page of last time, else the first steps. */
import { lazy, useState } from 'react';
import { Navigate } from 'react-router';
import { useConnections } from '../api/connections';
import { useSettings } from '../api/settings';
import type { Connection, Settings } from '../api/types.generated';
import { ErrorPanel } from '../components/ErrorPanel';
import { Page } from '../components/Page';
import { pageOf, paths } from '../lib/paths';

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
  return <FirstPage place={lastPlace(settings.ui, data.connections)} />;
}

/**
 * Decided once: whoever makes the first connection on the welcome page is led on by what made it, and a redirect of
 * ours in between would take the page away from under them.
 */
function FirstPage({ place }: { place: string | null }) {
  const [to] = useState(place);
  return to ? <Navigate to={to} replace /> : <Welcome />;
}

/** The address of last time if it still leads somewhere, else the last connection, else any; null where there is none. */
export function lastPlace(ui: Settings['ui'], connections: Connection[]): string | null {
  const [first] = connections;
  if (!first) return null;
  const known = (id: unknown) => connections.find((one) => one.id === id);
  const { last_path: path, last_connection: last } = ui;
  if (typeof path === 'string' && isPlace(path)) {
    const place = pageOf(path);
    if (!place || known(place.connection)) return path;
  }
  return paths.landing((known(last) ?? first).id);
}

// Remembered by another version, it may be anything: only an address of this app is followed.
const isPlace = (path: string) => /^\/[a-z]/.test(path);
