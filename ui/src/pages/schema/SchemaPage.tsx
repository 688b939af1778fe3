/** The schema of one database: compared with another one, drawn, browsed, and as a document. Each tab is loaded when shown. */
import { Loader, Tabs } from '@mantine/core';
import { type ComponentType, lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router';
import { useCurrentConnection } from '../../api/connections';
import type { Connection } from '../../api/types.generated';
import { Page } from '../../components/Page';
import { databaseName } from '../../lib/engines';
import classes from './schema.module.css';

type TabComponent = ComponentType<{ connection: Connection }>;

const TABS: Array<{ id: string; label: string; component: TabComponent }> = [
  { id: 'diff', label: 'Diff', component: lazy(() => import('./diff/DiffTab')) },
  { id: 'diagram', label: 'Diagram', component: lazy(() => import('./diagram/DiagramTab')) },
  { id: 'tables', label: 'Tables', component: lazy(() => import('./tables/TablesTab')) },
  { id: 'docs', label: 'Docs', component: lazy(() => import('./docs/DocsTab')) },
];

export default function SchemaPage() {
  const connection = useCurrentConnection();
  const [params, setParams] = useSearchParams();
  if (!connection) return null;
  const asked = params.get('tab');
  const tab = TABS.find((one) => one.id === asked)?.id ?? 'diff';
  return (
    <Page
      title="Schema"
      note={<span className="mono truncate">{databaseName(connection)}</span>}
      width="full"
    >
      <Tabs
        value={tab}
        onChange={(value) => setParams(value && value !== 'diff' ? { tab: value } : {}, { replace: true })}
        keepMounted={false}
        className={classes.tabs}
      >
        <Tabs.List px={12} aria-label="Views of the schema">
          {TABS.map(({ id, label }) => (
            <Tabs.Tab key={id} value={id}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(({ id, component: Tab }) => (
          <Tabs.Panel key={id} value={id} className={classes.panel}>
            <Suspense fallback={<Loading />}>
              <Tab key={connection.id} connection={connection} />
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

const Loading = () => (
  <div className={classes.loading}>
    <Loader aria-label="Loading" />
  </div>
);
