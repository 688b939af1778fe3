/** Asking for the password of a connection that keeps none. The frame's UnlockDialog shows the question. */
import { createStore } from '../lib/store';

export const unlockAsked = createStore<{ connection: string; then?: () => void } | null>(null);

export const askUnlock = (connection: string, then?: () => void) => unlockAsked.set({ connection, then });
