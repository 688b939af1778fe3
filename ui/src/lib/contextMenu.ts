/** The one context menu: asked for by right click, the Menu key or Shift+F10 anywhere; the frame's host shows it. */
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import { createStore } from './store';

export interface MenuAction {
  label: string;
  icon?: ReactNode;
  /** The key that does the same, as commands write it: `mod+s`. */
  keys?: string;
  /** Loses something: in red. */
  danger?: boolean;
  disabled?: boolean;
  /** Ticked: this is how it is now. */
  checked?: boolean;
  run(): void;
}

/** Falsy entries are left out, so that a caller may write `isAdopted && {…}`. */
export type MenuEntry = MenuAction | { heading: string } | 'divider' | false | null | undefined;

export interface AskedMenu {
  /** Whose menu it is, for those who do not see it: `Actions for shop`. */
  label: string;
  entries: MenuEntry[];
  x: number;
  y: number;
  /** Gets the focus back when the menu closes. */
  from: HTMLElement | null;
}

export const menuAsked = createStore<AskedMenu | null>(null);

/** Show a menu at a point of the window. */
export function openContextMenu(at: { x: number; y: number }, label: string, entries: MenuEntry[]): void {
  const from = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  menuAsked.set({ label, entries, x: at.x, y: at.y, from });
}

const isMenuKey = (event: KeyboardEvent) =>
  event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);

const LEFT_TO_THE_BROWSER = 'input, textarea, [contenteditable="true"], .monaco-editor';

interface Handlers {
  onContextMenu(event: MouseEvent<HTMLElement>): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
}

/**
 * The handlers of an element that has a context menu: `<div {...contextMenu('Actions for shop', () => entries)}>`.
 * The entries are asked for when it opens. Fields and selected text keep the browser's own menu.
 */
export function contextMenu(label: string, entries: () => MenuEntry[]): Handlers {
  return {
    onContextMenu(event) {
      const target = event.target as Element;
      if (target.closest(LEFT_TO_THE_BROWSER) || isSelected(target)) return;
      event.preventDefault();
      event.stopPropagation();
      // Some systems send this after the Menu key too, which was answered already.
      if (menuAsked.get() && event.button !== 2) return;
      openContextMenu({ x: event.clientX, y: event.clientY }, label, entries());
    },
    onKeyDown(event) {
      if (!isMenuKey(event) || (event.target as Element).closest(LEFT_TO_THE_BROWSER)) return;
      event.preventDefault();
      event.stopPropagation();
      const box = (event.target as Element).getBoundingClientRect();
      openContextMenu({ x: box.left + Math.min(24, box.width / 2), y: box.bottom }, label, entries());
    },
  };
}

function isSelected(target: Element): boolean {
  const selection = window.getSelection();
  return Boolean(selection && !selection.isCollapsed && selection.containsNode(target, true));
}
