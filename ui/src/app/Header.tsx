/** The header: on which database every action of this page lands, search, and the run that is due. */
import { Button, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import {
  IconCheck,
  IconChevronDown,
  IconLock,
  IconPlayerPlayFilled,
  IconPlugConnectedX,
  IconSearch,
} from '@tabler/icons-react';
import { useConnections, useCurrentConnection, useEngine, useReachable } from '../api/connections';
import type { ChannelError } from '../api/invoke';
import { isRun, showJob, useJobs } from '../api/jobs';
import { useChannel } from '../api/queries';
import { showConnection } from '../api/tabs';
import type { Connection } from '../api/types.generated';
import badges from '../components/badges.module.css';
import { EngineIcon } from '../components/EngineIcon';
import { EnvironmentTag } from '../components/EnvironmentTag';
import { Kbd } from '../components/Kbd';
import { askRun } from '../components/run/ask';
import { StatusBadge } from '../components/StatusBadge';
import { askUnlock } from '../components/unlock';
import { formatCount } from '../lib/format';
import { needsPassword } from '../lib/locked';
import classes from './Header.module.css';

export function Header() {
  const connection = useCurrentConnection();
  return (
    // Not a <header>: the dialogs' own would be a second banner to screen readers.
    <section className={classes.header} aria-label="Target">
      {connection ? <Target connection={connection} /> : <span />}
      <UnstyledButton className={classes.search} onClick={() => spotlight.open()}>
        <IconSearch size={15} aria-hidden />
        <span className={classes.searchText}>Search</span>
        <span aria-hidden>
          <Kbd keys="mod+k" />
        </span>
      </UnstyledButton>
      <div className={classes.right}>
        {connection && <Runs key={connection.id} connection={connection} />}
      </div>
    </section>
  );
}

function Target({ connection }: { connection: Connection }) {
  const { data } = useConnections();
  const engine = useEngine(connection.engine);
  const { data: server } = useReachable(connection.id);
  const product = server ? `${server.product} ${shortVersion(server.version)}` : (engine?.label ?? '');
  return (
    <div className={classes.target}>
      <Menu position="bottom-start" width={260} withinPortal={false}>
        <Menu.Target>
          <UnstyledButton className={classes.switch}>
            <EngineIcon engine={connection.engine} color={connection.color} />
            <span className={`truncate ${classes.name}`}>{connection.name}</span>
            <span className="visually-hidden">– change the connection</span>
            <IconChevronDown size={14} className="faint" aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflow: 'auto' }}>
          {data?.connections.map((one) => (
            <Menu.Item
              key={one.id}
              leftSection={<EngineIcon engine={one.engine} color={one.color} />}
              rightSection={
                <span className={classes.menuRight}>
                  <EnvironmentTag environment={one.environment} short />
                  {one.id === connection.id && <IconCheck size={14} aria-label="chosen" />}
                </span>
              }
              onClick={() => showConnection(one.id)}
            >
              {one.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className={`truncate dim ${classes.product}`}>{product}</span>
      <EnvironmentTag environment={connection.environment} />
      {connection.read_only && (
        <span className={`${badges.badge} ${badges.gray}`}>
          <IconLock size={13} aria-hidden /> Read-only
        </span>
      )}
    </div>
  );
}

interface UnreachableProps {
  connection: Connection;
  error: ChannelError;
  retry(): void;
}

function Unreachable({ connection, error, retry }: UnreachableProps) {
  if (needsPassword(error, connection)) {
    return (
      <Button
        variant="default"
        leftSection={<IconLock size={14} />}
        onClick={() => askUnlock(connection.id, retry)}
      >
        Unlock {connection.name}
      </Button>
    );
  }
  return (
    <Tooltip label={error.message} multiline maw={320}>
      <Button variant="subtle" color="red" leftSection={<IconPlugConnectedX size={15} />} onClick={retry}>
        Not reachable<span className="visually-hidden"> – {connection.name}. Try again</span>
      </Button>
    </Tooltip>
  );
}

/** "18.1 (Debian 18.1-1.pgdg)" says more than a header needs. */
const shortVersion = (version: string) => /^[\d.]+/.exec(version)?.[0] ?? version;

function Runs({ connection }: { connection: Connection }) {
  const running = useJobs(connection.id).find((job) => isRun(job) && job.state === 'running');
  const { data: due } = useChannel('migration:list', {
    connection: connection.id,
    status: ['pending', 'failed'],
    limit: 1,
  });
  const { error, refetch } = useReachable(connection.id);
  if (running) {
    const progress = running.total ? ` ${running.done} of ${running.total}` : '';
    return (
      <UnstyledButton onClick={() => showJob(running.job_id)}>
        <StatusBadge status="running" /> <span className="tabular dim">{progress}</span>
        <span className="visually-hidden"> – show the run on {connection.name}</span>
      </UnstyledButton>
    );
  }
  // What is pending is the database's to say: where it cannot be asked, nothing is claimed.
  if (error) return <Unreachable connection={connection} error={error} retry={() => void refetch()} />;
  const total = due?.total ?? 0;
  if (!due || total === 0) return due ? <span className={classes.upToDate}>Nothing pending</span> : null;
  return (
    <>
      <span className={`${badges.badge} ${badges.amber} tabular`}>{formatCount(total)} pending</span>
      <Tooltip label="The connection is read-only" disabled={!connection.read_only}>
        <Button
          leftSection={<IconPlayerPlayFilled size={12} />}
          color={connection.environment === 'production' ? 'red' : undefined}
          disabled={connection.read_only}
          onClick={() => askRun({ channel: 'migration:up', connection: connection.id })}
        >
          <span className={classes.applyText}>
            Apply {formatCount(total)} to {connection.name}
          </span>
        </Button>
      </Tooltip>
    </>
  );
}
