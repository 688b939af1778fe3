/** Where context menus appear. Mounted once, by the frame; `contextMenu()` of lib/contextMenu asks for one. */
import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Fragment } from 'react';
import { type AskedMenu, type MenuEntry, menuAsked } from '../lib/contextMenu';
import { useStore } from '../lib/store';
import classes from './ContextMenu.module.css';
import { Kbd } from './Kbd';

export function ContextMenuHost() {
  const asked = useStore(menuAsked);
  if (!asked) return null;
  return (
    <section aria-label="Context menu">
      <Opened key={`${asked.label} ${asked.x} ${asked.y}`} asked={asked} />
    </section>
  );
}

function Opened({ asked }: { asked: AskedMenu }) {
  const close = () => {
    menuAsked.set((now) => (now === asked ? null : now));
    asked.from?.focus({ preventScroll: true });
  };
  return (
    <Menu
      opened
      onClose={close}
      position="bottom-start"
      offset={2}
      trapFocus
      returnFocus={false}
      withinPortal={false}
      floatingStrategy="fixed"
      zIndex={350}
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          aria-label={asked.label}
          className={classes.point}
          style={{ left: asked.x, top: asked.y }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={asked.label} className={classes.menu}>
        <MenuEntries entries={asked.entries} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** The same entries inside a menu of one's own: a "more" button beside the right click. */
export function MenuEntries({ entries }: { entries: MenuEntry[] }) {
  const hasIcons = entries.some((entry) => entry && typeof entry === 'object' && 'icon' in entry);
  return entries.map((entry, at) => {
    const key = at;
    if (!entry) return <Fragment key={key} />;
    if (entry === 'divider') return <Menu.Divider key={key} />;
    if ('heading' in entry) return <Menu.Label key={key}>{entry.heading}</Menu.Label>;
    return (
      <Menu.Item
        key={key}
        disabled={entry.disabled}
        c={entry.danger ? 'var(--red)' : undefined}
        leftSection={entry.icon ?? (hasIcons && <span className={classes.noIcon} />)}
        rightSection={
          entry.checked ? (
            <IconCheck size={14} aria-label="chosen" />
          ) : (
            entry.keys && (
              <span aria-hidden>
                <Kbd keys={entry.keys} />
              </span>
            )
          )
        }
        onClick={entry.run}
      >
        {entry.label}
      </Menu.Item>
    );
  });
}
