/** Keys as they are pressed: `mod+k`, `g m`, `?`. */
import { isMac } from '../lib/commands';
import classes from './badges.module.css';

const names = (): Record<string, string> => ({
  mod: isMac() ? '⌘' : 'Ctrl',
  ctrl: isMac() ? '⌃' : 'Ctrl',
  meta: isMac() ? '⌘' : 'Win',
  shift: isMac() ? '⇧' : 'Shift',
  alt: isMac() ? '⌥' : 'Alt',
  enter: '↵',
  escape: 'Esc',
  space: 'Space',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  tab: isMac() ? '⇥' : 'Tab',
  delete: isMac() ? '⌦' : 'Del',
  backspace: isMac() ? '⌫' : 'Backspace',
  pageup: isMac() ? '⇞' : 'PgUp',
  pagedown: isMac() ? '⇟' : 'PgDn',
  home: 'Home',
  end: 'End',
});

export function keyNames(keys: string): string[] {
  return keys
    .split(/[+ ]/)
    .map((key) => names()[key] ?? (key.length === 1 || /^f\d+$/.test(key) ? key.toUpperCase() : key));
}

export function Kbd({ keys }: { keys: string }) {
  return (
    <span className={classes.kbd}>
      {keyNames(keys).map((key, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice; the order never changes.
        <kbd key={`${key}${at}`} className={classes.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
