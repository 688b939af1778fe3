/** The rail: connections by project above, the pages of the chosen one below, settings and keys at the foot. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconKeyboard,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconPlus,
} from '@tabler/icons-react';
import { type ComponentType, type MouseEvent, useMemo } from 'react';
import { NavLink, useLocation } from 'react-router';
import { useConnectionId, useConnections } from '../api/connections';
import { useRemembered } from '../api/settings';
import { openInBackground, placeOfPage, placeOfTab, useTabs } from '../api/tabs';
import type { Connection } from '../api/types.generated';
import { useConnectionMenu } from '../components/connection/useConnectionMenu';
import { EngineIcon } from '../components/EngineIcon';
import { EnvironmentTag } from '../components/EnvironmentTag';
import { ReachableDot } from '../components/ReachableDot';
import { keysShown, newConnectionAsked } from '../lib/asked';
import { contextMenu } from '../lib/contextMenu';
import { TAB_SWITCH } from '../lib/navigation';
import { pageOf } from '../lib/paths';
import { groupByProject } from '../lib/projects';
import { APP_PAGES, CONNECTION_PAGES } from './pages';
import classes from './Rail.module.css';

const CRAMPED = '(max-width: 820px)';

export function Rail() {
  const [narrowed, setNarrow] = useRemembered('rail_collapsed', false);
  // A small window, or a page made large, has no room for words in the rail.
  const isCramped = useMediaQuery(CRAMPED) ?? false;
  const narrow = narrowed || isCramped;
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
          {CONNECTION_PAGES.map((page) => (
            <PageItem key={page.id} {...page} connection={connection} narrow={narrow} />
          ))}
        </div>
      )}
      <div className={classes.foot}>
        {APP_PAGES.map((page) => (
          <Item key={page.id} to={page.path} icon={page.icon} label={page.label} narrow={narrow} />
        ))}
        <div className={classes.footRow}>
          <Tooltip label="Keys" position="right">
            <ActionIcon aria-label="List of keys" onClick={() => keysShown.set(true)}>
              <IconKeyboard size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
          {!isCramped && (
            <Tooltip label={toggle} position="right">
              <ActionIcon aria-label={toggle} onClick={() => setNarrow(!narrow)}>
                {narrow ? (
                  <IconLayoutSidebarLeftExpand size={18} stroke={1.7} />
                ) : (
                  <IconLayoutSidebarLeftCollapse size={18} stroke={1.7} />
                )}
              </ActionIcon>
            </Tooltip>
          )}
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
  const { pathname, search } = useLocation();
  const here = pageOf(pathname);
  const isCurrent = here?.connection === connection.id;
  const entries = useConnectionMenu();
  useTabs();
  // An open connection is found where it was left; a new one opens on the page that is looked at. A file open in the
  // editor is of the one connection only.
  const same = CONNECTION_PAGES.find((page) => page.id === here?.page);
  const to = isCurrent ? pathname + search : placeOfTab(connection.id, same?.path(connection.id));
  const inBackground = (event: MouseEvent) => {
    if (event.button !== 1 && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    openInBackground(connection.id);
  };
  const link = (
    <NavLink
      to={to}
      state={isCurrent ? undefined : TAB_SWITCH}
      className={classes.item}
      onClick={inBackground}
      onAuxClick={inBackground}
      {...contextMenu(`Actions for ${connection.name}`, () => entries(connection))}
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

interface PageItemProps {
  id: string;
  label: string;
  icon: ComponentType;
  connection: string;
  narrow: boolean;
  path(connection: string): string;
}

/** From another page it goes back to where this one was left; on the page itself, to its beginning. */
function PageItem({ id, path, label, icon, connection, narrow }: PageItemProps) {
  const isHere = pageOf(useLocation().pathname)?.page === id;
  const to = isHere ? path(connection) : placeOfPage(connection, id, path(connection));
  return <Item to={to} icon={icon} label={label} narrow={narrow} />;
}

interface ItemProps {
  to: string;
  icon: ComponentType;
  label: string;
  narrow: boolean;
}

function Item({ to, icon: Icon, label, narrow }: ItemProps) {
  const link = (
    <NavLink to={to} className={classes.item}>
      <span className={classes.icon}>
        <Icon />
      </span>
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
