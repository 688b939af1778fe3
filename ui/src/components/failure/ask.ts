/** Asking what happened to a migration that failed, and what now: its sheet stands in the frame. */
import { createStore } from '../../lib/store';

export interface FailureQuestion {
  connection: string;
  /** A version or a filename. */
  version: string;
  /** Called once a way out was taken. */
  onEnd?(): void;
}

export const failureAsked = createStore<FailureQuestion | null>(null);

export const askFailure = (question: FailureQuestion) => failureAsked.set(question);
