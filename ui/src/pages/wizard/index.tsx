/** A new migration, step by step. `?from=` copies another one; `?template=` begins with a template. */
import { Loader } from '@mantine/core';
import { useParams, useSearchParams } from 'react-router';
import { useConnections } from '../../api/connections';
import type { Connection } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { Duplicate } from './Duplicate';
import { useWizard } from './useWizard';
import { WizardScreen } from './WizardScreen';
import classes from './wizard.module.css';

export default function WizardPage() {
  const { connection: id = '' } = useParams();
  const [params] = useSearchParams();
  const from = params.get('from');
  const { data, error, refetch } = useConnections();
  const connection = data?.connections.find((one) => one.id === id);
  if (error)
    return (
      <Page title="New migration">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (data && !connection)
    return (
      <Page title="New migration">
        <EmptyState title="There is no such connection">It may have been renamed or removed.</EmptyState>
      </Page>
    );
  if (!connection) return <Loading />;
  if (from) return <Duplicate key={`${id} ${from}`} connection={connection} from={from} />;
  return <Loaded key={id} connection={connection} template={params.get('template')} />;
}

function Loaded({ connection, template }: { connection: Connection; template: string | null }) {
  const wizard = useWizard(connection.id, template);
  return wizard ? <WizardScreen connection={connection} wizard={wizard} /> : <Loading />;
}

function Loading() {
  return (
    <Page title="New migration" width="full">
      <div className={classes.loading}>
        <Loader aria-label="Loading" />
      </div>
    </Page>
  );
}
