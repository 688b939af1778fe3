/** History: every run there was, searched and filtered, each with its full record. */
import { Button, Loader, SegmentedControl } from '@mantine/core';
import { IconFilterOff, IconHistory, IconStack2 } from '@tabler/icons-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { useConnections } from '../../api/connections';
import { invoke } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import type { Connection, HistoryRun } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { type ExportFormat, ExportMenu } from '../../components/export/ExportMenu';
import { Page } from '../../components/Page';
import { useCommands } from '../../lib/commands';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { FilterBar } from './FilterBar';
import { asked, type Filters, isFiltered, NO_FILTERS, readFilters, writeFilters } from './filters';
import classes from './history.module.css';
import { RecordDrawer } from './RecordDrawer';
import { StoryDrawer } from './StoryDrawer';
import { Table, type TableHandle } from './Table';
import { useRows } from './useRows';

const FORMATS: ExportFormat[] = [
  { id: 'csv', label: 'CSV', suffix: 'csv', type: 'text/csv' },
  { id: 'json', label: 'JSON', suffix: 'json', type: 'application/json' },
];

export default function HistoryPage() {
  const { connection: id = '' } = useParams();
  const { data, error, refetch } = useConnections();
  const connection = data?.connections.find((one) => one.id === id);
  if (error)
    return (
      <Page title="History">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (data && !connection)
    return (
      <Page title="History">
        <EmptyState title="There is no such connection">It may have been renamed or removed.</EmptyState>
      </Page>
    );
  return connection ? <Loaded key={id} connection={connection} /> : <Page title="History">{null}</Page>;
}

function Loaded({ connection }: { connection: Connection }) {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => readFilters(params), [params]);
  const [[first, last], setSight] = useState<[number, number]>([0, 0]);
  const wanted = asked(filters, connection.id);
  const rows = useRows(wanted, first, last);
  const facets = useChannel('history:facets', filters.everywhere ? {} : { connection: connection.id });
  const search = useRef<HTMLInputElement>(null);
  const table = useRef<TableHandle>(null);

  const onSight = useCallback((from: number, to: number) => setSight([from, to]), []);
  const change = useCallback(
    (changes: Partial<Filters>) =>
      setParams((before) => writeFilters({ ...readFilters(before), ...changes }, before), { replace: true }),
    [setParams],
  );
  const show = (name: 'run' | 'file', value: string | null, on?: string) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      for (const one of ['run', 'file', 'on']) after.delete(one);
      if (value) after.set(name, value);
      if (on && on !== connection.id) after.set('on', on);
      return after;
    });
  useCommands([
    {
      id: 'history-search',
      label: 'Search the history',
      group: 'History',
      keys: '/',
      run: () => search.current?.focus(),
    },
    {
      id: 'history-everywhere',
      label: filters.everywhere ? `History of ${connection.name} only` : 'History of all connections',
      group: 'History',
      run: () => change({ everywhere: !filters.everywhere }),
    },
  ]);

  return (
    <Page
      title="History"
      width="full"
      note={rows.total !== null && <span className="tabular">{plural(rows.total, 'run')}</span>}
      actions={
        <>
          <Scope
            connection={connection}
            everywhere={filters.everywhere}
            onChange={(everywhere) => change({ everywhere })}
          />
          <ExportMenu
            name={filters.everywhere ? 'history' : `history-${connection.id}`}
            formats={FORMATS}
            write={(format, path, overwrite) =>
              invoke('history:export', { ...wanted, format: format as 'csv' | 'json', path, overwrite })
            }
          />
        </>
      }
      bar={
        <FilterBar
          filters={filters}
          authors={facets.data?.authors ?? []}
          searchRef={search}
          onChange={change}
          onLeaveSearch={() => table.current?.focus()}
        />
      }
    >
      {rows.error && rows.total === null ? (
        <div className={classes.padded}>
          <ErrorPanel error={rows.error} onRetry={rows.refetch} />
        </div>
      ) : rows.total === null ? (
        <div className={classes.loading}>
          <Loader aria-label="Reading the history" />
        </div>
      ) : rows.total === 0 ? (
        <Nothing
          connection={connection}
          filters={filters}
          onClear={() => change({ ...NO_FILTERS, everywhere: filters.everywhere })}
        />
      ) : (
        <Table
          rows={rows}
          total={rows.total}
          everywhere={filters.everywhere}
          handle={table}
          onSight={onSight}
          onOpen={(run: HistoryRun) => show('run', run.run_id)}
        />
      )}
      <RecordDrawer
        runId={params.get('run')}
        onClose={() => show('run', null)}
        onStory={(on, version) => show('file', version, on)}
      />
      <StoryDrawer
        connection={params.get('on') ?? connection.id}
        version={params.get('file')}
        onClose={() => show('file', null)}
        onRun={(runId) => show('run', runId)}
      />
    </Page>
  );
}

interface ScopeProps {
  connection: Connection;
  everywhere: boolean;
  onChange(everywhere: boolean): void;
}

function Scope({ connection, everywhere, onChange }: ScopeProps) {
  return (
    <SegmentedControl
      aria-label="Which connections"
      value={everywhere ? 'all' : 'one'}
      onChange={(value) => onChange(value === 'all')}
      data={[
        { value: 'one', label: <span className={classes.scopeName}>{connection.name}</span> },
        { value: 'all', label: 'All connections' },
      ]}
    />
  );
}

function Nothing({
  connection,
  filters,
  onClear,
}: {
  connection: Connection;
  filters: Filters;
  onClear(): void;
}) {
  if (isFiltered(filters))
    return (
      <EmptyState
        icon={<IconFilterOff size={22} />}
        title="Nothing matches"
        actions={
          <Button variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        }
      >
        No run fits what was asked for.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconHistory size={22} />}
      title="No history yet"
      actions={
        <Button component={Link} to={paths.migrations(connection.id)} leftSection={<IconStack2 size={15} />}>
          Go to the migrations of {connection.name}
        </Button>
      }
    >
      Every run is kept here: each file’s text as it was run, what the tool said, who ran it, where and for
      how long.
    </EmptyState>
  );
}
