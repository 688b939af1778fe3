/** The rail: connections by project above, the pages of the chosen one below, settings and keys at the foot. */
import { ActionIcon, Tooltip } from '@mantine/core';
import {
  IconAdjustmentsHorizontal,
  IconDatabase,
  IconKeyboard,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconPlugConnected,
  IconPlus,
  IconSettings,
  IconStack2,
} from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { NavLink, useLocation } from 'react-router';
import { useConnectionId, useConnections } from '../api/connections';
import { useRemembered } from '../api/settings';
import type { Connection } from '../api/types.generated';
import { EngineIcon } from '../components/EngineIcon';
import { EnvironmentTag } from '../components/EnvironmentTag';
import { ReachableDot } from '../components/ReachableDot';
import { keysShown, newConnectionAsked } from '../lib/asked';
import { pageOf, paths } from '../lib/paths';
import { groupByProject } from '../lib/projects';
import classes from './Rail.module.css';

export function Rail() {
  const [narrow, setNarrow] = useRemembered('rail_collapsed', false);
  const connection = useConnectionId();
  const toggle = narrow ? 'Widen the rail' : 'Narrow the rail';
  return (
    <nav className={classes.rail} data-narrow={narrow || undefined} aria-label="Main">
      <div className={classes.brand}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        {!narrow && <span className={classes.brandName}>DB Toolkit</span>}
      </div>
      <Connections narrow={narrow} />
      {connection && (
        <div className={classes.pages}>
          <Item to={paths.migrations(connection)} icon={<IconStack2 />} label="Migrations" narrow={narrow} />
          <Item to={paths.database(connection)} icon={<IconDatabase />} label="Database" narrow={narrow} />
          <Item
            to={paths.connection(connection)}
            icon={<IconAdjustmentsHorizontal />}
            label="Connection"
            narrow={narrow}
          />
        </div>
      )}
      <div className={classes.foot}>
        <Item to={paths.connections} icon={<IconPlugConnected />} label="All connections" narrow={narrow} />
        <Item to={paths.settings} icon={<IconSettings />} label="Settings" narrow={narrow} />
        <div className={classes.footRow}>
          <Tooltip label="Keys" position="right">
            <ActionIcon aria-label="List of keys" onClick={() => keysShown.set(true)}>
              <IconKeyboard size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={toggle} position="right">
            <ActionIcon aria-label={toggle} onClick={() => setNarrow(!narrow)}>
              {narrow ? (
                <IconLayoutSidebarLeftExpand size={18} stroke={1.7} />
              ) : (
                <IconLayoutSidebarLeftCollapse size={18} stroke={1.7} />
              )}
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </nav>
  );
}

function Connections({ narrow }: { narrow: boolean }) {
  const { data } = useConnections();
  const groups = useMemo(() => groupByProject(data?.connections ?? []), [data]);
  return (
    <section className={classes.connections} aria-label="Connection list">
      <div className={classes.heading}>
        {!narrow && <h2 className={classes.headingText}>Connections</h2>}
        <Tooltip label="New connection" position="right">
          <ActionIcon size={24} aria-label="New connection" onClick={() => newConnectionAsked.set('form')}>
            <IconPlus size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {groups.map(({ key, name, connections }) => (
        <div key={key} className={classes.group}>
          {!narrow && connections.length > 1 && <div className={classes.project}>{name}</div>}
          {connections.map((one) => (
            <ConnectionItem key={one.id} connection={one} narrow={narrow} />
          ))}
        </div>
      ))}
    </section>
  );
}

function ConnectionItem({ connection, narrow }: { connection: Connection; narrow: boolean }) {
  const { pathname } = useLocation();
  const here = pageOf(pathname);
  const isCurrent = here?.connection === connection.id;
  // Changing the connection keeps the page; a file open in the editor is this connection's own.
  const to =
    here?.page === 'database'
      ? paths.database(connection.id)
      : here?.page === 'connection'
        ? paths.connection(connection.id)
        : paths.migrations(connection.id);
  const link = (
    <NavLink
      to={to}
      className={classes.item}
      data-current={isCurrent || undefined}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <EngineIcon engine={connection.engine} color={connection.color} size={narrow ? 24 : 20} />
      {narrow ? (
        <span className="visually-hidden">{connection.name}</span>
      ) : (
        <>
          <span className={`truncate ${classes.name}`}>{connection.name}</span>
          {connection.environment !== 'development' && (
            <EnvironmentTag environment={connection.environment} short />
          )}
          <ReachableDot connection={connection.id} />
        </>
      )}
    </NavLink>
  );
  return narrow ? (
    <Tooltip label={`${connection.name} – ${connection.environment}`} position="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

interface ItemProps {
  to: string;
  icon: ReactNode;
  label: string;
  narrow: boolean;
}

function Item({ to, icon, label, narrow }: ItemProps) {
  const link = (
    <NavLink to={to} className={classes.item}>
      <span className={classes.icon}>{icon}</span>
      <span className={narrow ? 'visually-hidden' : 'truncate'}>{label}</span>
    </NavLink>
  );
  return narrow ? (
    <Tooltip label={label} position="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}
