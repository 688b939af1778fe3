/** The open connections side by side. Shown from the second on: a single one is named by the header below. */
import { ActionIcon, Loader, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconChevronDown, IconShieldFilled, IconStack2, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, type MouseEvent, type PointerEvent, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useConnectionId, useConnections } from '../api/connections';
import { isRun, useJobs } from '../api/jobs';
import { closeTab, placeTab, useTabs } from '../api/tabs';
import type { Connection, EnvironmentKind } from '../api/types.generated';
import { EngineIcon } from '../components/EngineIcon';
import { EnvironmentTag } from '../components/EnvironmentTag';
import { contextMenu } from '../lib/contextMenu';
import { goTo, TAB_SWITCH } from '../lib/navigation';
import { fitTabs, type Tab } from '../lib/tabs';
import classes from './TabStrip.module.css';
import { useTabMenu } from './useTabMenu';

const LEAST_PX = 120;
const MENU_PX = 44;
const DRAG_FROM_PX = 5;

export function TabStrip() {
  const tabs = useTabs();
  return tabs.length > 1 && <Strip tabs={tabs} />;
}

function Strip({ tabs }: { tabs: Tab[] }) {
  const current = useConnectionId();
  const { data } = useConnections();
  const { ref, width } = useElementSize();
  const [moved, setMoved] = useState('');
  const drag = useDrag();
  const connectionOf = (tab: Tab) => data?.connections.find((one) => one.id === tab.connection);
  const { shown, hidden } = fitTabs(tabs, current, width, LEAST_PX, MENU_PX);
  const move = (tab: Tab, by: number) => {
    const at = tabs.indexOf(tab) + by;
    if (at < 0 || at >= tabs.length) return;
    placeTab(tab.connection, at);
    setMoved(`${connectionOf(tab)?.name} is tab ${at + 1} of ${tabs.length}`);
  };
  return (
    <nav ref={ref} className={classes.strip} aria-label="Open connections">
      <ul className={classes.tabs} {...drag}>
        {shown.map((tab) => {
          const connection = connectionOf(tab);
          return connection ? (
            <OpenTab
              key={tab.connection}
              tab={tab}
              connection={connection}
              isCurrent={tab.connection === current}
              onMove={(by) => move(tab, by)}
            />
          ) : null;
        })}
      </ul>
      {hidden.length > 0 && (
        <Menu position="bottom-end" width={260} withinPortal={false}>
          <Menu.Target>
            <UnstyledButton className={classes.more}>
              <span className="tabular">{hidden.length}</span>
              <span className="visually-hidden">more open connections</span>
              <IconChevronDown size={14} aria-hidden />
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown mah={420} style={{ overflow: 'auto' }}>
            {hidden.map((tab) => {
              const connection = connectionOf(tab);
              return connection ? (
                <Menu.Item
                  key={tab.connection}
                  leftSection={<EngineIcon engine={connection.engine} color={connection.color} />}
                  rightSection={<EnvironmentTag environment={connection.environment} short />}
                  onClick={() => goTo(tab.path, { state: TAB_SWITCH })}
                >
                  {connection.name}
                </Menu.Item>
              ) : null;
            })}
          </Menu.Dropdown>
        </Menu>
      )}
      <span className="visually-hidden" role="status">
        {moved}
      </span>
    </nav>
  );
}

interface TabProps {
  tab: Tab;
  connection: Connection;
  isCurrent: boolean;
  onMove(by: number): void;
}

function OpenTab({ tab, connection, isCurrent, onMove }: TabProps) {
  const entries = useTabMenu();
  const menu = contextMenu(`Actions for the tab ${connection.name}`, () => entries(connection));
  const running = useJobs(connection.id).some((job) => isRun(job) && job.state === 'running');
  const close = () => closeTab(connection.id, isCurrent ? connection.id : null);
  const middle = (event: MouseEvent) => {
    if (event.button !== 1) return;
    event.preventDefault();
    if (event.type === 'auxclick') close();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    menu.onKeyDown(event);
    if (event.defaultPrevented) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const item = event.currentTarget;
    if (by && event.altKey) onMove(by);
    else if (by) linkIn(by < 0 ? item.previousElementSibling : item.nextElementSibling)?.focus();
    else if (event.key === 'Delete') {
      (linkIn(item.nextElementSibling) ?? linkIn(item.previousElementSibling))?.focus();
      close();
    } else return;
    event.preventDefault();
  };
  return (
    <li
      className={classes.tab}
      data-connection={connection.id}
      data-current={isCurrent || undefined}
      data-environment={connection.environment}
      onKeyDown={onKeyDown}
      onContextMenu={menu.onContextMenu}
      onMouseDown={middle}
      onAuxClick={middle}
    >
      <Link
        to={tab.path}
        state={TAB_SWITCH}
        className={classes.link}
        draggable={false}
        aria-current={isCurrent ? 'true' : undefined}
        title={connection.name}
      >
        {running ? (
          <span className={classes.running} aria-hidden>
            <Loader size={14} role="presentation" />
          </span>
        ) : (
          <span className={classes.engine} aria-hidden>
            <EngineIcon engine={connection.engine} color={connection.color} size={18} />
          </span>
        )}
        <span className={`truncate ${classes.name}`}>
          <span className="visually-hidden">Tab </span>
          {connection.name}
          <span className="visually-hidden">
            {' '}
            {connection.environment}
            {running && ' running'}
          </span>
        </span>
        <Environment of={connection.environment} />
      </Link>
      <Tooltip label="Close the tab">
        <ActionIcon
          className={classes.close}
          size={20}
          tabIndex={-1}
          aria-label={`Close the tab ${connection.name}`}
          onClick={close}
        >
          <IconX size={13} />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}

/** Which it is, small enough for a narrow tab; the link's name says it in words. */
function Environment({ of: environment }: { of: EnvironmentKind }) {
  if (environment === 'production')
    return <IconShieldFilled size={13} className={classes.production} aria-hidden />;
  if (environment === 'staging') return <IconStack2 size={13} className={classes.staging} aria-hidden />;
  return <span className={classes.dot} />;
}

const linkIn = (item: Element | null) => item?.querySelector<HTMLElement>('a') ?? null;

/** Tabs go along with the pointer: the one that is held takes the place of the one it is over. */
function useDrag() {
  const held = useRef<{ connection: string; from: number; moving: boolean } | null>(null);
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      const item = (event.target as Element).closest<HTMLElement>('[data-connection]');
      if (event.button !== 0 || !item?.dataset.connection || (event.target as Element).closest('button'))
        return;
      held.current = { connection: item.dataset.connection, from: event.clientX, moving: false };
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const now = held.current;
      if (!now) return;
      if (!now.moving && Math.abs(event.clientX - now.from) < DRAG_FROM_PX) return;
      if (!now.moving) event.currentTarget.setPointerCapture(event.pointerId);
      now.moving = true;
      const items = [...event.currentTarget.children];
      const over = items.findIndex((item) => {
        const box = item.getBoundingClientRect();
        return event.clientX >= box.left && event.clientX < box.right;
      });
      if (over >= 0) placeTab(now.connection, over);
    },
    onPointerUp() {
      held.current = null;
    },
    onPointerCancel() {
      held.current = null;
    },
  };
}
