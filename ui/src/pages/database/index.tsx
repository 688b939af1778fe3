/** One database: the server it is on, whether it is there, and its schema file. Its tables are on the Schema page. */
import { Button, Tabs } from '@mantine/core';
import { IconRefresh, IconTable } from '@tabler/icons-react';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, useSearchParams } from 'react-router';
import { useCurrentConnection } from '../../api/connections';
import { refresh } from '../../api/queries';
import { Page } from '../../components/Page';
import { databaseName } from '../../lib/engines';
import { paths } from '../../lib/paths';
import { SchemaFile } from './SchemaFile';
import { Server } from './Server';

type Tab = 'server' | 'file';

export default function DatabasePage() {
  const connection = useCurrentConnection();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const isFetching = useIsFetching({ queryKey: ['connection:test'] }) > 0;
  if (!connection) return null;
  // Where tables were listed once: what leads there still arrives.
  if (params.get('tab') === 'browse' || params.has('table')) {
    return <Navigate to={paths.tables(connection.id, params.get('table'))} replace />;
  }
  const tab: Tab = params.get('tab') === 'file' ? 'file' : 'server';
  const fileName = connection.schema_file.split(/[\\/]/).at(-1) ?? 'schema.sql';
  return (
    <Page
      title="Database"
      note={<span className="mono truncate">{databaseName(connection)}</span>}
      width="full"
      actions={
        <>
          <Button
            variant="default"
            component={Link}
            to={paths.tables(connection.id)}
            leftSection={<IconTable size={15} />}
          >
            {connection.engine === 'mongodb' ? 'Collections' : 'Tables'}
          </Button>
          <Button
            variant="default"
            leftSection={<IconRefresh size={15} />}
            loading={isFetching}
            onClick={() => void refresh(client, ['schema:', 'connection:test'], connection.id)}
          >
            Refresh
          </Button>
        </>
      }
    >
      <Tabs
        value={tab}
        onChange={(value) => setParams(value ? { tab: value } : {}, { replace: true })}
        keepMounted={false}
        style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}
      >
        <Tabs.List px={12}>
          <Tabs.Tab value="server">Server</Tabs.Tab>
          <Tabs.Tab value="file">{fileName}</Tabs.Tab>
        </Tabs.List>
        <Panel value="file">
          <SchemaFile connection={connection} fileName={fileName} />
        </Panel>
        <Panel value="server">
          <Server connection={connection} />
        </Panel>
      </Tabs>
    </Page>
  );
}

function Panel({ value, children }: { value: Tab; children: React.ReactNode }) {
  return (
    <Tabs.Panel value={value} style={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' }}>
      {children}
    </Tabs.Panel>
  );
}
