/** Tables, views and collections of the live database: a list that filters as one types, and one of them in full. */
import { Button, Loader, TextInput } from '@mantine/core';
import { IconDatabaseOff, IconPlus, IconSearch, IconTable } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useEngine } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { CatalogTable, Connection } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { TableList } from '../../components/tables/TableList';
import { useCommands } from '../../lib/commands';
import { formatCount, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './database.module.css';
import { NewCollection } from './NewCollection';
import { TableDetail } from './TableDetail';

const nameOf = (table: CatalogTable) =>
  table.schema_name ? `${table.schema_name}.${table.name}` : table.name;

export function Browse({ connection }: { connection: Connection }) {
  const engine = useEngine(connection.engine);
  const cannot = engine?.capabilities.catalog?.supported === false;
  const { data, error, isPending, refetch } = useChannel(
    'schema:catalog',
    { connection: connection.id },
    { enabled: !cannot },
  );
  const [params, setParams] = useSearchParams();
  const [query, setQuery] = useState('');
  const [creating, setCreating] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useCommands([
    {
      id: 'filter-tables',
      label: 'Filter tables',
      group: 'Database',
      keys: '/',
      hidden: true,
      run: () => search.current?.focus(),
    },
  ]);
  // A schema's name says nothing while all are in the default one.
  const tables = useMemo(() => named(data?.tables ?? [], data?.default_schema ?? null), [data]);
  const shown = useMemo(
    () => tables.filter((one) => nameOf(one).toLowerCase().includes(query.trim().toLowerCase())),
    [tables, query],
  );
  const chosen = shown.find((one) => nameOf(one) === params.get('table')) ?? shown[0];
  const isMongo = connection.engine === 'mongodb';
  const noun = isMongo ? 'collection' : 'table';

  if (cannot) {
    return (
      <EmptyState icon={<IconDatabaseOff size={22} stroke={1.7} />} title="No list of tables here">
        {engine?.capabilities.catalog?.reason}
      </EmptyState>
    );
  }
  if (error) {
    return (
      <div className={classes.pad}>
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (isPending) {
    return (
      <div className={classes.center}>
        <Loader aria-label={`Reading ${noun}s`} />
      </div>
    );
  }
  const add = isMongo && !connection.read_only && (
    <Button
      variant={data?.tables.length ? 'default' : 'filled'}
      leftSection={<IconPlus size={15} />}
      onClick={() => setCreating(true)}
    >
      New collection
    </Button>
  );
  const choose = (table: string) => setParams({ tab: 'browse', table }, { replace: true });
  return (
    <>
      {tables.length === 0 ? (
        <EmptyState
          icon={<IconTable size={22} stroke={1.7} />}
          title={`No ${noun}s yet`}
          actions={
            <>
              <Button variant="default" component={Link} to={paths.migrations(connection.id)}>
                Show the migrations
              </Button>
              {add}
            </>
          }
        >
          What migrations create in {connection.name} appears here.
        </EmptyState>
      ) : (
        <div className={classes.browse}>
          <div className={classes.side}>
            <div className={classes.sideHead}>
              <TextInput
                ref={search}
                aria-label={`Filter ${noun}s`}
                placeholder={`Filter ${plural(tables.length, noun)}`}
                leftSection={<IconSearch size={14} />}
                value={query}
                onChange={(event) => setQuery(event.currentTarget.value)}
                onKeyDown={(event) => event.key === 'Escape' && setQuery('')}
              />
              {add}
            </div>
            <TableList
              tables={shown.map((one) => ({
                key: nameOf(one),
                name: nameOf(one),
                kind: one.kind,
                rows: one.rows === null ? null : formatCount(one.rows),
              }))}
              chosen={chosen && nameOf(chosen)}
              onChoose={choose}
            />
          </div>
          {chosen ? (
            <TableDetail key={nameOf(chosen)} connection={connection} table={chosen} />
          ) : (
            <EmptyState title={`No ${noun} is called “${query}”`} />
          )}
        </div>
      )}
      {creating && (
        <NewCollection
          connection={connection}
          onClose={() => setCreating(false)}
          onCreated={(name) => {
            setCreating(false);
            choose(name);
          }}
        />
      )}
    </>
  );
}

function named(tables: CatalogTable[], defaultSchema: string | null): CatalogTable[] {
  return tables
    .map((one) => (one.schema_name === defaultSchema ? { ...one, schema_name: null } : one))
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}
