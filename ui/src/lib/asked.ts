/** Dialogs that can be asked for from several places; the frame shows them. */
import { createStore } from './store';

export type NewConnectionTab = 'form' | 'url' | 'folder';

export const newConnectionAsked = createStore<NewConnectionTab | null>(null);
export const keysShown = createStore(false);

/** What the page on the screen is called; the frame makes the window's title of it. */
export const pageTitle = createStore('');
