/** The migrations of a connection: what is applied, what is due, and what can be done about it. */
import { Button, Loader, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFilterOff, IconPlus, IconRotate2, IconStack2 } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useConnections } from '../../api/connections';
import { useRemembered } from '../../api/settings';
import type { Connection, Migration, StatusReport } from '../../api/types.generated';
import { Beginnings } from '../../components/convert/Beginnings';
import { useToolExport } from '../../components/convert/ExportToolDialog';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { askFailure } from '../../components/failure/ask';
import { hasFailed } from '../../components/failure/words';
import { notifyInfo } from '../../components/notify';
import { Page } from '../../components/Page';
import { askRun } from '../../components/run/ask';
import { useCommands } from '../../lib/commands';
import { formatCount, plural, shortPath } from '../../lib/format';
import { paths } from '../../lib/paths';
import { Banners } from './Banners';
import { batchesOf } from './batches';
import { DeleteDialog, RenameDialog } from './FileDialogs';
import { FilterBar } from './FilterBar';
import {
  choicesOf,
  type Filters,
  filterMigrations,
  isFiltered,
  NO_FILTERS,
  readFilters,
  writeFilters,
} from './filters';
import classes from './migrations.module.css';
import { ResumeBanner } from './ResumeBanner';
import { type MenuAt, RowMenu } from './RowMenu';
import { SelectionBar } from './SelectionBar';
import { Table } from './Table';
import { useMigrations, useTyped } from './useMigrations';
import { useSelection } from './useSelection';

export default function MigrationsPage() {
  const { connection: id = '' } = useParams();
  const { data, error, refetch } = useConnections();
  const connection = data?.connections.find((one) => one.id === id);
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  if (data && !connection)
    return (
      <Page title="Migrations">
        <EmptyState title="There is no such connection">It may have been renamed or removed.</EmptyState>
      </Page>
    );
  return connection ? <Loaded key={id} connection={connection} /> : <Page title="Migrations">{null}</Page>;
}

function Failed({ error, onRetry, connection }: { error: unknown; onRetry(): void; connection?: string }) {
  return (
    <Page title="Migrations">
      <ErrorPanel error={error} onRetry={onRetry} connection={connection} />
    </Page>
  );
}

function Loaded({ connection }: { connection: Connection }) {
  const { status, states } = useMigrations(connection.id);
  const { data: report, error } = status;
  if (error && !report)
    return <Failed error={error} onRetry={() => void status.refetch()} connection={connection.id} />;
  if (!report)
    return (
      <Page title="Migrations" width="full">
        <div className={classes.loading}>
          <Loader aria-label="Reading the migrations" />
        </div>
      </Page>
    );
  return (
    <List connection={connection} report={report} states={states} onRetry={() => void status.refetch()} />
  );
}

interface ListProps {
  connection: Connection;
  report: StatusReport;
  states: ReadonlyMap<string, string>;
  onRetry(): void;
}

function List({ connection, report, states, onRetry }: ListProps) {
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const [order, setOrder] = useRemembered<'newest' | 'oldest'>('migrations_order', 'newest');
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const [renaming, setRenaming] = useState<Migration | null>(null);
  const [deleting, setDeleting] = useState<Migration | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const filters = readFilters(params);
  const [sought] = useDebouncedValue(filters.query, 40);
  const found = useTyped(connection.id, sought);
  const newestFirst = order === 'newest';

  // Typing stays quick over a long list: the rows may come a moment later.
  const address = useDeferredValue(params.toString());
  const rows = useMemo(() => {
    const wanted = readFilters(new URLSearchParams(address));
    const matching = filterMigrations(report.migrations, wanted, found);
    return newestFirst ? matching.toReversed() : matching;
  }, [report.migrations, address, found, newestFirst]);
  const choices = useMemo(() => choicesOf(report.migrations), [report.migrations]);
  const selection = useSelection(rows);
  const chosen = useMemo(
    () => rows.filter((one) => selection.chosen.has(one.filename)),
    [rows, selection.chosen],
  );

  // The address may lag behind what was chosen a moment ago; the next choice builds on that, not on the address.
  const wanted = useRef(filters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is what the filters are read from.
  useEffect(() => {
    wanted.current = filters;
  }, [params]);
  const change = (part: Partial<Filters>) => {
    wanted.current = { ...wanted.current, ...part };
    setParams(writeFilters(wanted.current), { replace: true, preventScrollReset: true });
  };
  const focusList = () => document.querySelector<HTMLElement>('[role="grid"]')?.focus();
  const sort = () => setOrder(newestFirst ? 'oldest' : 'newest');
  const batches = batchesOf({
    connection,
    migrations: report.migrations,
    active: rows[selection.active],
    chosen,
    onDone: selection.clear,
  });

  useCommands([
    {
      id: 'find-migration',
      label: 'Search the migrations',
      group: 'Migrations',
      keys: '/',
      run: () => search.current?.focus(),
    },
    {
      id: 'sort-migrations',
      label: newestFirst ? 'Show the oldest first' : 'Show the newest first',
      group: 'Migrations',
      run: sort,
    },
    ...batches.map(({ id, label, keys, hindrance, run }) => ({
      id,
      label,
      keys,
      group: 'Migrations',
      run: () => (hindrance ? notifyInfo(label, hindrance) : run()),
    })),
    {
      id: 'what-happened',
      label: 'What happened to this one, and what now',
      group: 'Migrations',
      keys: 'w',
      words: 'failed partial clean up remainder repair',
      run: () => {
        const active = rows[selection.active];
        if (active && hasFailed(active)) askFailure({ connection: connection.id, version: active.filename });
        else notifyInfo('What happened to this one', 'It has not failed.');
      },
    },
    ...KEYS_OF_THE_LIST,
  ]);

  const toolExport = useToolExport(connection, report.total > 0);
  const newMigration = (
    <Button
      variant="default"
      leftSection={<IconPlus size={15} />}
      onClick={() => navigate(paths.newMigration(connection.id))}
    >
      New migration
    </Button>
  );
  return (
    <Page
      title="Migrations"
      width="full"
      note={<span className="tabular">{noteOf(report, rows.length, isFiltered(filters))}</span>}
      actions={
        <>
          {report.applied > 0 && (
            <Tooltip label="Shows first what it would do" position="bottom">
              <Button
                variant="subtle"
                color="gray"
                disabled={connection.read_only}
                leftSection={<IconRotate2 size={15} />}
                onClick={() => askRun({ channel: 'migration:down', connection: connection.id, count: 1 })}
              >
                Roll back 1 on {connection.name}
              </Button>
            </Tooltip>
          )}
          {report.total > 0 && newMigration}
        </>
      }
      bar={
        report.total > 0 && (
          <FilterBar
            connection={connection.id}
            filters={filters}
            choices={choices}
            counts={report}
            searchRef={search}
            onChange={change}
            onLeaveSearch={focusList}
          />
        )
      }
    >
      <Banners connection={connection} report={report} isRunning={states.size > 0} onRetry={onRetry} />
      <ResumeBanner
        connection={connection}
        isQuiet={states.size === 0 && report.reachable && report.total > 0}
      />
      {report.total === 0 ? (
        <EmptyState
          icon={<IconStack2 size={22} />}
          title="No migrations yet"
          actions={<Beginnings connection={connection}>{newMigration}</Beginnings>}
        >
          A migration is a file with a change of the schema and how to undo it. They stand in{' '}
          <span className="mono">{shortPath(connection.migrations_dir)}</span>; files put there by hand appear
          here by themselves.
        </EmptyState>
      ) : rows.length === 0 ? (
        <EmptyState
          icon={<IconFilterOff size={22} />}
          title="Nothing matches"
          actions={
            <Button variant="default" onClick={() => change(NO_FILTERS)}>
              Show all {formatCount(report.total)}
            </Button>
          }
        >
          None of the {plural(report.total, 'migration')} matches the search and the filters.
        </EmptyState>
      ) : (
        <Table
          rows={rows}
          connection={connection.id}
          selection={selection}
          states={states}
          isUnknown={!report.reachable}
          newestFirst={newestFirst}
          onSort={sort}
          onOpen={(one) => navigate(paths.editor(connection.id, one.filename))}
          onMenu={(migration, x, y) => setMenu({ migration, x, y })}
        />
      )}
      <SelectionBar connection={connection} chosen={chosen} onClear={selection.clear} />
      <RowMenu
        at={menu}
        connection={connection}
        migrations={report.migrations}
        onClose={() => setMenu(null)}
        onRename={setRenaming}
        onDelete={setDeleting}
      />
      {toolExport}
      {renaming && (
        <RenameDialog connection={connection} migration={renaming} onClose={() => setRenaming(null)} />
      )}
      {deleting && (
        <DeleteDialog connection={connection} migration={deleting} onClose={() => setDeleting(null)} />
      )}
    </Page>
  );
}

/** Handled by the list itself; here so that the list of keys shows them. */
const KEYS_OF_THE_LIST = [
  { id: 'list-open', label: 'Open', keys: 'enter' },
  { id: 'list-choose', label: 'Choose', keys: 'x' },
  { id: 'list-choose-space', label: 'Choose (Shift: a range from the last one)', keys: 'space' },
  { id: 'list-extend', label: 'Choose a range', keys: 'shift+arrowdown' },
  { id: 'list-all', label: 'Choose all', keys: 'mod+a' },
].map((one) => ({ ...one, group: 'Migrations', hidden: true, run: () => undefined }));

function noteOf(report: StatusReport, shown: number, filtered: boolean): string {
  if (report.total === 0) return '';
  return filtered ? `${formatCount(shown)} of ${formatCount(report.total)}` : plural(report.total, 'file');
}
