/** Analytics: what the ledger's numbers say of the migrations of one connection or of all. */
import { Button, Loader, SegmentedControl } from '@mantine/core';
import { IconCalendarOff, IconChartLine, IconStack2 } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { useConnections } from '../../api/connections';
import { invoke } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import type { Connection, DatabaseState, Overview } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { type ExportFormat, ExportMenu } from '../../components/export/ExportMenu';
import { Page } from '../../components/Page';
import { useCommands } from '../../lib/commands';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './analytics.module.css';
import { Changes, Environments } from './Compare';
import { Distribution, Kinds } from './Distribution';
import { Frequency, Trend } from './OverTime';
import { RANGES, type RangeId, readRange, since } from './range';
import { Outliers, Slowest } from './Slow';
import { Suggestions } from './Suggestions';
import { Tiles } from './Tiles';
import { Told } from './Told';

const FORMATS: ExportFormat[] = [
  { id: 'html', label: 'HTML', suffix: 'html', type: 'text/html' },
  { id: 'markdown', label: 'Markdown', suffix: 'md', type: 'text/markdown' },
  { id: 'csv', label: 'CSV', suffix: 'csv', type: 'text/csv' },
];
// The texts are read in the background; the page looks again until that is done.
const READING_MS = 1500;

export default function AnalyticsPage() {
  const { connection: id = '' } = useParams();
  const { data, error, refetch } = useConnections();
  const connection = data?.connections.find((one) => one.id === id);
  if (error)
    return (
      <Page title="Analytics">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (data && !connection)
    return (
      <Page title="Analytics">
        <EmptyState title="There is no such connection">It may have been renamed or removed.</EmptyState>
      </Page>
    );
  return connection ? <Loaded key={id} connection={connection} /> : <Page title="Analytics">{null}</Page>;
}

function Loaded({ connection }: { connection: Connection }) {
  const [params, setParams] = useSearchParams();
  const everywhere = params.get('all') === '1';
  const range = readRange(params);
  const from = since(range);
  const scope = useMemo(() => (everywhere ? {} : { connection: connection.id }), [everywhere, connection.id]);
  const asked = { ...scope, ...(from && { from }) };
  const { data, error, refetch } = useChannel(
    'analytics:overview',
    { ...asked, states: false },
    {
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) =>
        state.data && state.data.reading.known < state.data.reading.total ? READING_MS : false,
    },
  );
  const states = useChannel('analytics:states', scope);

  const set = (name: string, value: string | null) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  useCommands([
    {
      id: 'analytics-everywhere',
      label: everywhere ? `Analytics of ${connection.name} only` : 'Analytics of all connections',
      group: 'Analytics',
      run: () => set('all', everywhere ? null : '1'),
    },
  ]);

  return (
    <Page
      title="Analytics"
      note={data && data.files > 0 && <span className="tabular">{plural(data.files, 'file')} tried</span>}
      actions={
        <>
          <SegmentedControl
            aria-label="Which connections"
            value={everywhere ? 'all' : 'one'}
            onChange={(value) => set('all', value === 'all' ? '1' : null)}
            data={[
              { value: 'one', label: <span className={classes.scopeName}>{connection.name}</span> },
              { value: 'all', label: 'All connections' },
            ]}
          />
          <SegmentedControl
            aria-label="How far back"
            value={range}
            onChange={(value) => set('range', value === '90d' ? null : value)}
            data={RANGES.map(({ id, label }) => ({ value: id, label }))}
          />
          <ExportMenu
            name={everywhere ? 'migration-report' : `migration-report-${connection.id}`}
            formats={FORMATS}
            write={(format, path, overwrite) =>
              invoke('analytics:report', {
                ...asked,
                format: format as 'html' | 'markdown' | 'csv',
                path,
                overwrite,
              })
            }
          />
        </>
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <div className={classes.loading}>
          <Loader aria-label="Reading the ledger" />
        </div>
      ) : data.files === 0 ? (
        <Nothing connection={connection} range={range} onAll={() => set('range', 'all')} />
      ) : (
        <Board
          overview={data}
          states={states.data?.states ?? (states.error ? [] : null)}
          connection={connection.id}
          everywhere={everywhere}
        />
      )}
    </Page>
  );
}

interface BoardProps {
  overview: Overview;
  states: DatabaseState[] | null;
  connection: string;
  everywhere: boolean;
}

function Board({ overview, states, connection, everywhere }: BoardProps) {
  return (
    <div className={classes.board}>
      <Tiles overview={overview} states={states} connection={connection} />
      <div className={`${classes.card} ${classes.two}`}>
        <Trend overview={overview} />
      </div>
      <div className={classes.card}>
        <Distribution overview={overview} />
      </div>
      <div className={`${classes.card} ${classes.two}`}>
        <Frequency overview={overview} />
      </div>
      <div className={classes.card}>
        <Kinds overview={overview} />
      </div>
      <div className={`${classes.card} ${classes.three}`}>
        <Outliers overview={overview} connection={connection} named={everywhere} />
      </div>
      <div className={classes.halves}>
        <div className={classes.card}>
          <Slowest overview={overview} connection={connection} named={everywhere} />
        </div>
        <div className={classes.card}>
          <Environments comparison={overview.comparison} connection={connection} />
        </div>
      </div>
      <div className={`${classes.card} ${classes.three}`}>
        <Suggestions overview={overview} connection={connection} named={everywhere} />
      </div>
      <div className={classes.halves}>
        <div className={classes.card}>
          <Told resources={overview.resources} />
        </div>
        <Changed overview={overview} />
      </div>
    </div>
  );
}

function Changed({ overview }: { overview: Overview }) {
  const { contents, tools } = overview.comparison;
  if (contents.length === 0 && tools.length < 2) return null;
  return (
    <div className={classes.card}>
      <Changes comparison={overview.comparison} />
    </div>
  );
}

function Nothing({ connection, range, onAll }: { connection: Connection; range: RangeId; onAll(): void }) {
  if (range !== 'all')
    return (
      <EmptyState
        icon={<IconCalendarOff size={22} />}
        title="Nothing ran in this time"
        actions={
          <>
            <Button onClick={onAll}>Show all time</Button>
            <Button variant="default" component={Link} to={paths.migrations(connection.id)}>
              Go to the migrations
            </Button>
          </>
        }
      >
        With the first runs come success rates, times and their trend, what was unusual and why.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<IconChartLine size={22} />}
      title="No numbers yet"
      actions={
        <Button component={Link} to={paths.migrations(connection.id)} leftSection={<IconStack2 size={15} />}>
          Go to the migrations of {connection.name}
        </Button>
      }
    >
      Every run adds to them: how often migrations succeed, how long they take and whether that changes, what
      was unusual and why, and what would make it safer.
    </EmptyState>
  );
}
