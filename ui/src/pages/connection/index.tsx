/** One connection: how it is reached, its variables, where its files are, and the way out. */
import { Alert, Button, Tabs } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useCurrentConnection } from '../../api/connections';
import type { Connection } from '../../api/types.generated';
import { DeleteConnection } from '../../components/connection/DeleteConnection';
import { Page } from '../../components/Page';
import { paths } from '../../lib/paths';
import { Backups } from './Backups';
import classes from './connection.module.css';
import { EditConnection } from './EditConnection';
import { Files } from './Files';
import { Variables } from './Variables';

export default function ConnectionPage() {
  const connection = useCurrentConnection();
  return connection && <Existing key={connection.id} connection={connection} />;
}

function Existing({ connection }: { connection: Connection }) {
  const [params, setParams] = useSearchParams();
  const [deleting, setDeleting] = useState(false);
  const navigate = useNavigate();
  const tab = params.get('tab') ?? 'general';
  return (
    <Page
      title="Connection"
      note={<span className="truncate">{connection.name}</span>}
      width="read"
      actions={
        <Button
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={15} />}
          onClick={() => setDeleting(true)}
        >
          Remove…
        </Button>
      }
    >
      {connection.warnings.map((warning) => (
        <Alert key={warning} color="yellow" mb="sm">
          {warning}
        </Alert>
      ))}
      <Tabs
        value={tab}
        onChange={(value) => setParams(value ? { tab: value } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="general">General</Tabs.Tab>
          <Tabs.Tab value="variables">Variables</Tabs.Tab>
          <Tabs.Tab value="files">Files</Tabs.Tab>
          <Tabs.Tab value="backups">Backups</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="general" className={classes.panel}>
          <EditConnection connection={connection} />
        </Tabs.Panel>
        <Tabs.Panel value="variables" className={classes.panel}>
          <Variables connection={connection} />
        </Tabs.Panel>
        <Tabs.Panel value="files" className={classes.panel}>
          <Files connection={connection} />
        </Tabs.Panel>
        <Tabs.Panel value="backups" className={classes.panel}>
          <Backups connection={connection} />
        </Tabs.Panel>
      </Tabs>
      {deleting && (
        <DeleteConnection
          connection={connection}
          onClose={() => setDeleting(false)}
          onDeleted={() => navigate(paths.home)}
        />
      )}
    </Page>
  );
}
