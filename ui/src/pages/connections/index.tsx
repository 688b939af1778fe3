/** All connections, by project: connections that share a migrations folder stand together. */
import { ActionIcon, Alert, Button, Menu } from '@mantine/core';
import {
  IconDots,
  IconFolderOpen,
  IconLock,
  IconPlugConnected,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { useConnections, useReachable } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { MenuEntries } from '../../components/ContextMenu';
import { DeleteConnection } from '../../components/connection/DeleteConnection';
import { useConnectionMenu } from '../../components/connection/useConnectionMenu';
import { EmptyState } from '../../components/EmptyState';
import { EngineIcon } from '../../components/EngineIcon';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { ReachableDot } from '../../components/ReachableDot';
import { newConnectionAsked } from '../../lib/asked';
import { contextMenu, type MenuEntry } from '../../lib/contextMenu';
import { formatCount, plural, shortPath } from '../../lib/format';
import { isLocked } from '../../lib/locked';
import { paths } from '../../lib/paths';
import { groupByProject } from '../../lib/projects';
import classes from './connections.module.css';

export default function Connections() {
  const { data, error, refetch } = useConnections();
  const projects = useMemo(() => groupByProject(data?.connections ?? []), [data]);
  const [deleting, setDeleting] = useState<Connection | null>(null);
  const actions = (
    <>
      <Button
        variant="default"
        leftSection={<IconFolderOpen size={15} />}
        onClick={() => newConnectionAsked.set('folder')}
      >
        Open a folder
      </Button>
      <Button leftSection={<IconPlus size={15} />} onClick={() => newConnectionAsked.set('form')}>
        New connection
      </Button>
    </>
  );
  return (
    <Page
      title="Connections"
      note={data && <span className="tabular">{plural(data.connections.length, 'connection')}</span>}
      actions={actions}
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data?.problems.map((problem) => (
        <Alert key={problem} color="yellow" mb="md">
          {problem}
        </Alert>
      ))}
      {data?.connections.length === 0 && (
        <EmptyState
          icon={<IconPlugConnected size={22} stroke={1.7} />}
          title="No connections yet"
          actions={<Button onClick={() => newConnectionAsked.set('form')}>New connection</Button>}
        >
          A connection is a database and the folder with its migrations.
        </EmptyState>
      )}
      {projects.map(({ key, name, connections }) => (
        <section key={key} className={classes.project} aria-label={name}>
          <div className={classes.projectHead}>
            {connections.length > 1 && <h2 className={classes.projectName}>{name}</h2>}
            <span className="mono faint truncate" title={key}>
              {shortPath(key)}
            </span>
          </div>
          <div className={classes.cards}>
            {connections.map((one) => (
              <Row key={one.id} connection={one} onDelete={() => setDeleting(one)} />
            ))}
          </div>
        </section>
      ))}
      {deleting && <DeleteConnection connection={deleting} onClose={() => setDeleting(null)} />}
    </Page>
  );
}

interface RowProps {
  connection: Connection;
  onDelete(): void;
}

function Row({ connection, onDelete }: RowProps) {
  const menu = useConnectionMenu();
  const entries: MenuEntry[] = [
    ...menu(connection),
    'divider',
    { label: 'Remove…', danger: true, icon: <IconTrash size={15} stroke={1.8} />, run: onDelete },
  ];
  const { data: server, error } = useReachable(connection.id);
  const { data: due } = useChannel('migration:list', {
    connection: connection.id,
    status: ['pending', 'failed'],
    limit: 1,
  });
  return (
    <div className={classes.row} {...contextMenu(`Actions for ${connection.name}`, () => entries)}>
      <EngineIcon engine={connection.engine} color={connection.color} size={28} />
      <div className={classes.main}>
        <div className={classes.nameLine}>
          <Link to={paths.migrations(connection.id)} className={`truncate ${classes.name}`}>
            {connection.name}
          </Link>
          <EnvironmentTag environment={connection.environment} />
          {connection.read_only && (
            <span className={`${badges.badge} ${badges.gray}`}>
              <IconLock size={13} aria-hidden /> Read-only
            </span>
          )}
        </div>
        <div className="mono faint truncate" title={connection.url}>
          {connection.url}
        </div>
      </div>
      <div className={classes.server}>
        <ReachableDot connection={connection.id} />
        <span className="truncate dim">
          {server
            ? `${server.product} ${server.version}`
            : error
              ? isLocked(error)
                ? 'Locked'
                : error.title
              : 'Asking…'}
        </span>
      </div>
      <div className={`tabular ${classes.due}`}>
        {due &&
          !error &&
          (due.total > 0 ? (
            <span className={`${badges.badge} ${badges.amber}`}>{formatCount(due.total)} pending</span>
          ) : (
            <span className="faint">Nothing pending</span>
          ))}
      </div>
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <ActionIcon aria-label={`More for ${connection.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <MenuEntries entries={entries} />
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
