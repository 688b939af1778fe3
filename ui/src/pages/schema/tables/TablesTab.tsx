/** All tables of the live database at the left, one of them in full at the right. */
import { Button, Loader, TextInput } from '@mantine/core';
import { IconDatabaseOff, IconSearch, IconSitemap, IconTable } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useEngine } from '../../../api/connections';
import { useChannel } from '../../../api/queries';
import type { Connection } from '../../../api/types.generated';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { type ListedTable, TableList } from '../../../components/tables/TableList';
import { useCommands } from '../../../lib/commands';
import { plural } from '../../../lib/format';
import { paths } from '../../../lib/paths';
import { AddCollection } from '../collections/AddCollection';
import { ChangeCollection } from '../collections/ChangeCollection';
import { matching, nameOf } from '../names';
import { diagramAddress } from './address';
import { Details } from './Details';
import { OtherObjects } from './OtherObjects';
import classes from './tables.module.css';

const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** Whatever is no table belongs to one there: triggers, indexes, validators. */
const NOTHING_ELSE = new Set(['sqlite', 'mongodb']);

export default function TablesTab({ connection }: { connection: Connection }) {
  const engine = useEngine(connection.engine);
  const cannot = engine?.capabilities.catalog?.supported === false;
  const outline = useChannel('schema:outline', { connection: connection.id }, { enabled: !cannot });
  const [params, setParams] = useSearchParams();
  const [typed, setTyped] = useState('');
  const search = useRef<HTMLInputElement>(null);
  useCommands([
    {
      id: 'tables-filter',
      label: 'Filter the tables',
      group: 'Schema',
      keys: '/',
      run: () => search.current?.focus(),
    },
  ]);
  const all = useMemo(
    (): ListedTable[] =>
      (outline.data?.tables ?? [])
        .map(({ id, kind, rows, comment }) => ({
          key: id,
          name: nameOf(id, outline.data?.default_schema),
          kind,
          rows: rows === null ? null : COMPACT.format(rows),
          comment,
        }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    [outline.data],
  );
  const found = useMemo(() => matching(all, typed, (one) => one.name), [all, typed]);
  const noun = connection.engine === 'mongodb' ? 'collection' : 'table';
  const asked = params.get('table');
  const there = all.find((one) => one.key === asked) ?? all.find((one) => one.name === asked);
  const chosen = there?.key ?? found[0]?.key;
  const hasOthers = !NOTHING_ELSE.has(connection.engine);
  const others = hasOthers && params.get('objects') === 'other';
  const choose = (table: string) => setParams({ tab: 'tables', table }, { replace: true });

  if (cannot) {
    return (
      <EmptyState icon={<IconDatabaseOff size={22} stroke={1.7} />} title="No list of tables here">
        {engine?.capabilities.catalog?.reason}
      </EmptyState>
    );
  }
  if (outline.error) {
    return (
      <div className={classes.pad}>
        <ErrorPanel error={outline.error} connection={connection.id} onRetry={() => void outline.refetch()} />
      </div>
    );
  }
  if (outline.isPending) {
    return (
      <div className={classes.center}>
        <Loader aria-label={`Reading the ${noun}s`} />
      </div>
    );
  }
  if (all.length === 0) {
    return (
      <EmptyState
        icon={<IconTable size={22} stroke={1.7} />}
        title={`No ${noun}s yet`}
        actions={
          <>
            <Button component={Link} to={paths.newMigration(connection.id)}>
              New migration
            </Button>
            <AddCollection connection={connection} onCreated={choose} />
          </>
        }
      >
        What migrations create in {connection.name} appears here.
      </EmptyState>
    );
  }
  return (
    <div className={classes.tab}>
      <div className={classes.side}>
        <div className={classes.sideHead}>
          <TextInput
            ref={search}
            aria-label={`Filter ${noun}s`}
            placeholder={`Filter ${plural(all.length, noun)}`}
            leftSection={<IconSearch size={14} />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setTyped('');
              const first = found[0];
              if (event.key === 'Enter' && first) choose(first.key);
            }}
          />
          <AddCollection connection={connection} onCreated={choose} />
        </div>
        <TableList tables={found} chosen={others ? undefined : chosen} onChoose={choose} />
        {hasOthers && (
          <div className={classes.sideFoot}>
            <Button
              fullWidth
              variant={others ? 'light' : 'subtle'}
              aria-pressed={others}
              onClick={() => setParams({ tab: 'tables', objects: 'other' }, { replace: true })}
            >
              Other objects
            </Button>
          </div>
        )}
      </div>
      {others ? (
        <OtherObjects connection={connection} />
      ) : found.length === 0 && !there ? (
        <EmptyState title={`No ${noun} is called “${typed}”`} />
      ) : chosen ? (
        <Chosen key={chosen} connection={connection} table={chosen} onOpen={choose} />
      ) : (
        <EmptyState title={`No ${noun} is called “${typed}”`} />
      )}
    </div>
  );
}

interface ChosenProps {
  connection: Connection;
  table: string;
  onOpen(table: string): void;
}

function Chosen({ connection, table, onOpen }: ChosenProps) {
  const { data, error, refetch } = useChannel('schema:describe', {
    connection: connection.id,
    tables: [table],
  });
  const found = data?.tables[0];
  const name = nameOf(table, data?.default_schema);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className={classes.detail} aria-label={name} tabIndex={0}>
      <header className={classes.detailHead}>
        <h2 className={classes.detailTitle}>{name}</h2>
        <span className={classes.toRight}>
          {found && <ChangeCollection connection={connection} collection={found.name} kind={found.kind} />}
          <Button
            variant="default"
            component={Link}
            to={diagramAddress(connection.id, table)}
            leftSection={<IconSitemap size={15} />}
          >
            In the diagram
          </Button>
        </span>
      </header>
      {data?.problems.map((one) => (
        <p key={one} className={classes.problem}>
          {one}
        </p>
      ))}
      {error ? (
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />
      ) : !data ? (
        <div className={classes.center}>
          <Loader aria-label={`Reading ${name}`} />
        </div>
      ) : found ? (
        <Details connection={connection} table={found} defaultSchema={data.default_schema} onOpen={onOpen} />
      ) : (
        <p>It is not there any more.</p>
      )}
    </section>
  );
}
