/**
 * What can be done from the keyboard. The frame and the mounted pages register commands; the palette, the list of keys
 * and the key listener read them. Keys: `mod+k` (Ctrl, or Cmd on a Mac), `g m` (one after the other), `/`, `?`.
 */
import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { createStore, useStore } from './store';

export interface Command {
  id: string;
  label: string;
  /** Heading in the palette and in the list of keys. */
  group: string;
  keys?: string;
  description?: string;
  icon?: ReactNode;
  /** More words the palette finds it by. */
  words?: string;
  /** Keys work while typing in a field or editor too (only sensible with `mod`). */
  whileTyping?: boolean;
  /** Only for the keys and their list, not for the palette. */
  hidden?: boolean;
  run(): void;
}

/** The groups of what is there on every page. A page's own commands bear the page's name, and come first. */
export const GROUPS = {
  do: 'Do',
  go: 'Go to',
  tabs: 'Tabs',
  look: 'Appearance',
  everywhere: 'Everywhere',
} as const;

const EVERYWHERE: ReadonlySet<string> = new Set(Object.values(GROUPS));

/** Whether a command is of the page that is looked at. */
export const isOfPage = (command: Pick<Command, 'group'>) => !EVERYWHERE.has(command.group);

const registered = createStore<ReadonlyMap<symbol, Command[]>>(new Map());

/** Offer commands while the component is mounted. The newest registration wins a key that is taken twice. */
export function useCommands(commands: Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const signature = commands.map((one) => `${one.id} ${one.label} ${one.keys ?? ''}`).join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: registered anew only when what is shown changes; `run` is read late.
  useEffect(() => {
    const owner = Symbol('commands');
    const late = latest.current.map((command, at) => ({
      ...command,
      run: () => (latest.current[at] ?? command).run(),
    }));
    registered.set((before) => new Map(before).set(owner, late));
    return () =>
      registered.set((before) => {
        const after = new Map(before);
        after.delete(owner);
        return after;
      });
  }, [signature]);
}

export function useAllCommands(): Command[] {
  return [...useStore(registered).values()].flat();
}

export const allCommands = (): Command[] => [...registered.get().values()].flat();

export const isMac = () => /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * The key pressed, as `keys` writes it: `mod+k`, `ctrl+tab` (the Control key itself, on a Mac too), `?`. A sign keeps no
 * Shift, nor the AltGr that some keyboards need for it.
 */
export function chordOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  const isSign = event.key.length === 1 && !/[\p{L}\p{N}]/u.test(event.key);
  if (isSign && event.getModifierState?.('AltGraph')) return key;
  const mod = isMac() ? event.metaKey : event.ctrlKey;
  const other = isMac() ? event.ctrlKey && 'ctrl' : event.metaKey && 'meta';
  // Ctrl+Tab is Ctrl+Tab everywhere; Cmd+Tab is the Mac's own.
  const control = key === 'tab' && event.ctrlKey;
  const parts = [
    control ? 'ctrl' : mod && 'mod',
    !control && other,
    event.altKey && 'alt',
    event.shiftKey && !isSign && 'shift',
    key,
  ];
  return parts.filter(Boolean).join('+');
}

const isTyping = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest(
    'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"], [role="textbox"], .monaco-editor',
  ) !== null;

const SEQUENCE_MS = 1200;

const OPEN = '[role="dialog"][aria-modal="true"], [role="menu"]';

/**
 * Listen for the keys of all commands; returns how to stop. A dialog or menu that is open keeps the keys to itself. Call
 * it before anything is rendered: it must see the dialog that Escape is about to close.
 */
export function listenForKeys(target: Document = document): () => void {
  const view = target.defaultView ?? window;
  let first: { chord: string; at: number } | null = null;
  let inDialog = false;
  // Asked on the way down: the same Escape closes the dialog before it comes up here.
  const look = () => {
    inDialog = target.querySelector(OPEN) !== null;
  };
  const onKey = (event: KeyboardEvent) => {
    if (
      event.defaultPrevented ||
      event.isComposing ||
      ['Control', 'Meta', 'Shift', 'Alt'].includes(event.key)
    )
      return;
    const chord = chordOf(event);
    const typing = isTyping(event.target);
    const sequence = first && Date.now() - first.at < SEQUENCE_MS ? `${first.chord} ${chord}` : null;
    const commands = allCommands().filter((one) => one.keys && (!typing || one.whileTyping) && !inDialog);
    // What began as `g …` goes on as that or is nothing: a letter of its own must not be pressed by accident.
    const goesOn = sequence !== null && !chord.includes('+');
    const found = commands.findLast((one) => one.keys === (goesOn ? sequence : chord));
    const starts = commands.some((one) => one.keys?.startsWith(`${chord} `));
    first = !found && starts && !goesOn ? { chord, at: Date.now() } : null;
    if (!found) return;
    event.preventDefault();
    found.run();
  };
  view.addEventListener('keydown', look, { capture: true });
  target.addEventListener('keydown', onKey);
  return () => {
    view.removeEventListener('keydown', look, { capture: true });
    target.removeEventListener('keydown', onKey);
  };
}
