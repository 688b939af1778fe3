/** The editor on a migration that is there. New ones begin on a page of their own. */
import { Button, Loader } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useNavigate, useParams } from 'react-router';
import { useConnections } from '../../api/connections';
import type { Connection } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { paths } from '../../lib/paths';
import { EditorScreen } from './EditorScreen';
import { useDocument } from './useDocument';

export default function EditorPage() {
  const { connection: id = '', version = '' } = useParams();
  const { data, error, refetch } = useConnections();
  const connection = data?.connections.find((one) => one.id === id);
  if (error)
    return (
      <Page title="Editor">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (data && !connection)
    return (
      <Page title="Editor">
        <EmptyState title="There is no such connection">It may have been renamed or removed.</EmptyState>
      </Page>
    );
  if (!connection) return <Loading />;
  return <Existing key={`${id} ${version}`} connection={connection} version={version} />;
}

function Existing({ connection, version }: { connection: Connection; version: string }) {
  const navigate = useNavigate();
  const { doc, error, retry } = useDocument(connection.id, version);
  if (doc) return <EditorScreen connection={connection} doc={doc} />;
  if (!error) return <Loading />;
  return (
    <Page title={version}>
      <ErrorPanel
        error={error}
        onRetry={retry}
        actions={
          <Button
            variant="default"
            leftSection={<IconArrowLeft size={14} />}
            onClick={() => navigate(paths.migrations(connection.id))}
          >
            Back to the migrations
          </Button>
        }
      />
    </Page>
  );
}

function Loading() {
  return (
    <Page title="Editor" width="full">
      <div style={{ display: 'grid', placeItems: 'center', height: '100%' }}>
        <Loader aria-label="Reading the file" />
      </div>
    </Page>
  );
}
