/** One database: its tables or collections, its schema file, and the server it is on. */
import { Button, Tabs } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { useCurrentConnection } from '../../api/connections';
import { refresh } from '../../api/queries';
import { Page } from '../../components/Page';
import { databaseName } from '../../lib/engines';
import { Browse } from './Browse';
import { SchemaFile } from './SchemaFile';
import { Server } from './Server';

type Tab = 'browse' | 'file' | 'server';

export default function DatabasePage() {
  const connection = useCurrentConnection();
  const client = useQueryClient();
  const [params, setParams] = useSearchParams();
  const isFetching = useIsFetching({ queryKey: ['schema:catalog'] }) > 0;
  if (!connection) return null;
  const tab = (params.get('tab') ?? 'browse') as Tab;
  const isMongo = connection.engine === 'mongodb';
  const fileName = connection.schema_file.split(/[\\/]/).at(-1) ?? 'schema.sql';
  return (
    <Page
      title="Database"
      note={<span className="mono truncate">{databaseName(connection)}</span>}
      width="full"
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={15} />}
          loading={isFetching}
          onClick={() => void refresh(client, ['schema:', 'connection:test'], connection.id)}
        >
          Refresh
        </Button>
      }
    >
      <Tabs
        value={tab}
        onChange={(value) => setParams(value ? { tab: value } : {}, { replace: true })}
        keepMounted={false}
        style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}
      >
        <Tabs.List px={12}>
          <Tabs.Tab value="browse">{isMongo ? 'Collections' : 'Tables'}</Tabs.Tab>
          <Tabs.Tab value="file">{fileName}</Tabs.Tab>
          <Tabs.Tab value="server">Server</Tabs.Tab>
        </Tabs.List>
        <Panel value="browse">
          <Browse key={connection.id} connection={connection} />
        </Panel>
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
