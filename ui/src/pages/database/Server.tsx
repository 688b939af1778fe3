/** The server: what it is, whether the database is there, and what this engine can and cannot do here. */
import { Button, Loader } from '@mantine/core';
import {
  IconCheck,
  IconCircleX,
  IconClockPause,
  IconDatabasePlus,
  IconMinus,
  IconTrash,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isDeclined, useAction } from '../../api/actions';
import { useEngine, useReachable } from '../../api/connections';
import type { Connection, ConnectionTest, EngineInfo } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { notifySuccess } from '../../components/notify';
import { CAPABILITY_LABELS, databaseName } from '../../lib/engines';
import { formatDuration } from '../../lib/format';
import classes from './database.module.css';

export function Server({ connection }: { connection: Connection }) {
  const engine = useEngine(connection.engine);
  const { data: server, error, isPending, refetch } = useReachable(connection.id);
  const wait = useAction('database:wait', {
    quiet: true,
    onSuccess: () => {
      notifySuccess(`${connection.name} answers`);
      void refetch();
    },
  });
  return (
    <div className={classes.scroll}>
      <div className={classes.column}>
        {isPending && <Loader aria-label="Asking the server" />}
        {error && (
          <ErrorPanel
            error={error}
            connection={connection.id}
            onRetry={() => void refetch()}
            actions={
              <Button
                variant="default"
                leftSection={<IconClockPause size={15} />}
                loading={wait.isPending}
                onClick={() => wait.mutate({ connection: connection.id, timeout_s: 60 })}
              >
                Wait for it (1 min)
              </Button>
            }
          />
        )}
        {wait.error && !isDeclined(wait.error) && <ErrorPanel error={wait.error} />}
        {server && <Facts connection={connection} server={server} engine={engine} />}
        {engine && <Capabilities engine={engine} />}
      </div>
    </div>
  );
}

interface FactsProps {
  connection: Connection;
  server: ConnectionTest;
  engine: EngineInfo | undefined;
}

function Facts({ connection, server, engine }: FactsProps) {
  const create = useAction('database:create', {
    onSuccess: () => notifySuccess(`The database of ${connection.name} is created`),
  });
  const drop = useAction('database:drop', {
    onSuccess: () => notifySuccess(`The database of ${connection.name} is dropped`),
  });
  const canCreate = engine?.capabilities.create_database?.supported !== false;
  const canDrop = engine?.capabilities.drop_database?.supported !== false;
  const database = databaseName(connection);
  const target = database === connection.name ? database : `${database} on ${connection.name}`;
  return (
    <section aria-label="Server">
      <dl className={classes.facts}>
        <Fact label="Server">
          {server.product} {server.version}
        </Fact>
        <Fact label="Answered in">
          <span className="tabular">{formatDuration(server.latency_ms)}</span>
        </Fact>
        <Fact label="Database">
          <span className="mono">{database}</span>
          {server.database_exists ? (
            <span className={classes.exists}>
              <IconCheck size={15} aria-hidden /> exists
            </span>
          ) : (
            <span className={classes.missing}>
              <IconCircleX size={15} aria-hidden /> does not exist
            </span>
          )}
        </Fact>
        <Fact label={engine?.tool === 'migrate-mongo' ? 'Changelog' : 'Migrations table'}>
          <span className="mono">{connection.migrations_table}</span>
        </Fact>
        {server.tools.map((tool) => (
          <Fact key={tool.name} label={tool.name}>
            {tool.ok ? tool.version : <span className={classes.missing}>{tool.problem}</span>}
          </Fact>
        ))}
        {server.notes.map((note) => (
          <Fact key={note} label="Note">
            {note}
          </Fact>
        ))}
      </dl>
      {!connection.read_only && (
        <div className={classes.serverButtons}>
          {!server.database_exists && canCreate && (
            <Button
              leftSection={<IconDatabasePlus size={15} />}
              loading={create.isPending}
              onClick={() => create.mutate({ connection: connection.id })}
            >
              Create {target}
            </Button>
          )}
          {server.database_exists && canDrop && (
            <Button
              variant="default"
              color="red"
              className={classes.danger}
              leftSection={<IconTrash size={15} />}
              loading={drop.isPending}
              onClick={() => drop.mutate({ connection: connection.id })}
            >
              Drop {target}…
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Capabilities({ engine }: { engine: EngineInfo }) {
  const all = Object.entries(engine.capabilities);
  const missing = all.filter(([, capability]) => !capability.supported);
  const present = all.filter(([, capability]) => capability.supported);
  return (
    <>
      {missing.length > 0 && (
        <section aria-labelledby="missing">
          <h2 id="missing" className={classes.sectionTitle}>
            What {engine.label} cannot do here
          </h2>
          <ul className={classes.capabilities}>
            {missing.map(([key, { reason }]) => (
              <li key={key}>
                <IconMinus size={16} className="faint" aria-hidden />
                <span>
                  {CAPABILITY_LABELS[key] ?? key}
                  {reason && <span className={classes.reason}>{reason}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="capabilities">
        <h2 id="capabilities" className={classes.sectionTitle}>
          What works
        </h2>
        <ul className={`${classes.capabilities} ${classes.two}`}>
          {present.map(([key]) => (
            <li key={key}>
              <IconCheck size={16} className={classes.good} aria-hidden />
              {CAPABILITY_LABELS[key] ?? key}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
