/** Asking for a restore from anywhere: its sheet stands in the frame. */
import { createStore } from '../../lib/store';

export interface RestoreQuestion {
  connection: string;
  backupId: string;
  /** Shows how a restore goes, or went, that was started before: after a reload, or from a message. */
  job?: string;
  /** Called once it was restored into the connection's own database. */
  onRestored?(): void;
}

export const restoreAsked = createStore<RestoreQuestion | null>(null);

/** Show what restoring would do, and offer it. */
export const askRestore = (question: RestoreQuestion) => restoreAsked.set(question);
