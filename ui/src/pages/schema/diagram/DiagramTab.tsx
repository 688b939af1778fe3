/** The tables of the live database drawn with their relations: found, chosen, looked into, and taken along as a picture. */
import { Button, Loader, SegmentedControl } from '@mantine/core';
import { IconDatabaseOff, IconLayoutSidebar, IconTable } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { Link } from 'react-router';
import { useEngine } from '../../../api/connections';
import { useChannel } from '../../../api/queries';
import type { Connection } from '../../../api/types.generated';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { useCommands } from '../../../lib/commands';
import { plural } from '../../../lib/format';
import { paths } from '../../../lib/paths';
import { nameOf } from '../names';
import { TablePanel } from '../tables/TablePanel';
import { Canvas, type CanvasView } from './Canvas';
import { Chooser } from './Chooser';
import { DiagramExport } from './DiagramExport';
import classes from './diagram.module.css';
import type { Density } from './shape';
import { useLayout } from './useLayout';
import { SURROUNDINGS, useShown } from './useShown';

/** Boxes with all their columns are too small to be read from here on. */
const MANY = 20;

export default function DiagramTab({ connection }: { connection: Connection }) {
  const engine = useEngine(connection.engine);
  const cannot = engine?.capabilities.catalog?.supported === false;
  const { shown, change } = useShown();
  const query = useChannel(
    'schema:diagram',
    { connection: connection.id, tables: shown.tables, depth: shown.depth },
    { enabled: !cannot, placeholderData: (before) => before },
  );
  const diagram = query.data;
  const [density, setDensity] = useState<Density | null>(null);
  const fitting: Density = (diagram?.nodes.length ?? 0) > MANY ? 'keys' : 'columns';
  const { done, failed, isWorking } = useLayout(diagram, density ?? fitting);
  const [isListed, setListed] = useState(true);
  const search = useRef<HTMLInputElement>(null);
  const view = useRef<CanvasView | null>(null);
  useCommands([
    {
      id: 'diagram-find',
      label: 'Find a table in the diagram',
      group: 'Schema',
      keys: '/',
      run: () => {
        setListed(true);
        requestAnimationFrame(() => search.current?.focus());
      },
    },
  ]);

  if (cannot) {
    return (
      <EmptyState icon={<IconDatabaseOff size={22} stroke={1.7} />} title="No diagram here">
        {engine?.capabilities.catalog?.reason}
      </EmptyState>
    );
  }
  if (query.error) {
    return (
      <div className={classes.pad}>
        <ErrorPanel error={query.error} connection={connection.id} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  if (!diagram) return <Waiting>Reading the tables</Waiting>;
  if (diagram.total === 0) {
    return (
      <EmptyState
        icon={<IconTable size={22} stroke={1.7} />}
        title="Nothing to draw yet"
        actions={
          <Button component={Link} to={paths.newMigration(connection.id)}>
            New migration
          </Button>
        }
      >
        The tables that migrations create in {connection.name} are drawn here, with their relations.
      </EmptyState>
    );
  }

  const drawn = diagram.nodes.map((one) => one.id);
  // Several ticks may follow each other before the first is drawn.
  const ticked = shown.tables && shown.depth === 0 ? shown.tables : drawn;
  const find = (id: string) => {
    if (drawn.includes(id)) {
      change({ chosen: id });
      view.current?.centre(id);
    } else {
      surroundings(id);
    }
  };
  const surroundings = (id: string) => {
    change({ tables: [id], depth: Math.max(shown.depth, SURROUNDINGS), chosen: id });
  };
  const toggle = (id: string, isShown: boolean) =>
    change({ tables: isShown ? [...ticked, id] : ticked.filter((one) => one !== id), depth: 0 });
  const further = (depth: number) =>
    change({ tables: shown.tables ?? (diagram.centre ? [diagram.centre] : drawn), depth });
  const ready = (canvas: CanvasView) => {
    view.current = canvas;
  };
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        <Button
          variant="default"
          leftSection={<IconLayoutSidebar size={15} />}
          aria-pressed={isListed}
          onClick={() => setListed(!isListed)}
        >
          List
        </Button>
        <SegmentedControl
          aria-label="What boxes show"
          data={[
            { value: 'columns', label: 'Columns' },
            { value: 'keys', label: 'Keys' },
            { value: 'names', label: 'Names' },
          ]}
          value={density ?? fitting}
          onChange={(value) => setDensity(value as Density)}
        />
        <span className={classes.told} role="status">
          {isWorking ? (
            'Laying out…'
          ) : diagram.partial ? (
            <>
              {plural(diagram.nodes.length, 'table')} of {diagram.total.toLocaleString('en-US')}
              {diagram.centre && `, around ${nameOf(diagram.centre, diagram.default_schema)}`}
            </>
          ) : (
            `${plural(diagram.nodes.length, 'table')}, ${plural(diagram.edges.length, 'relation')}`
          )}
        </span>
        {shown.tables && (
          <Button variant="subtle" onClick={() => change({ tables: null, depth: 0 })}>
            Start over
          </Button>
        )}
        <span className={classes.right}>
          {done && <DiagramExport connection={connection} laidOut={done} />}
        </span>
      </div>
      {diagram.problems.map((one) => (
        <p key={one} className={classes.problem}>
          {one}
        </p>
      ))}
      <div className={`${classes.body} ${shown.chosen ? classes.withDetails : ''}`}>
        {isListed && (
          <Chooser
            diagram={diagram}
            search={search}
            chosen={shown.chosen}
            ticked={new Set(ticked)}
            depth={shown.tables ? shown.depth : null}
            onFind={find}
            onToggle={toggle}
            onSurroundings={surroundings}
            onDepth={further}
          />
        )}
        {failed ? (
          <EmptyState title="The layout failed">{failed.message}</EmptyState>
        ) : diagram.nodes.length === 0 ? (
          <EmptyState title="No table is chosen">Tick tables in the list to draw them.</EmptyState>
        ) : done ? (
          <Canvas
            laidOut={done}
            chosen={shown.chosen}
            onChoose={(chosen) => change({ chosen })}
            onReady={ready}
          />
        ) : (
          <Waiting>Laying out</Waiting>
        )}
        {shown.chosen && (
          <TablePanel
            key={shown.chosen}
            connection={connection}
            table={shown.chosen}
            onClose={() => change({ chosen: null })}
            onOpen={find}
          />
        )}
      </div>
    </div>
  );
}

const Waiting = ({ children }: { children: string }) => (
  <div className={classes.waiting}>
    <Loader aria-label={children} />
    <p className="dim">{children}…</p>
  </div>
);
