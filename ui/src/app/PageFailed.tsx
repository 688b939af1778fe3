/** A page that broke: the frame stays, the error is shown, and the user can go on. */
import { useRouteError } from 'react-router';
import { ErrorPanel } from '../components/ErrorPanel';
import { Page } from '../components/Page';

export function PageFailed() {
  const problem = useRouteError();
  return (
    <Page title="This page broke">
      <ErrorPanel error={problem} onRetry={() => window.location.reload()} />
    </Page>
  );
}
