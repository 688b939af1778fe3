/** Asking for a run: the plan is shown first, wherever it is asked from. The run panel's sheet answers. */
import type { RunChannel } from '../../api/runs';
import type { Run } from '../../api/types.generated';
import { createStore } from '../../lib/store';

export interface RunQuestion {
  channel: RunChannel;
  connection: string;
  /** Filenames (or versions). */
  versions?: string[];
  to?: string;
  count?: number;
  /** How many is asked in the sheet, beginning with `count`. */
  asksCount?: boolean;
  /** For `migration:resume`: the run, and what is left of it in `versions`. */
  runId?: string;
  /** Which way a resumed run goes. */
  direction?: 'up' | 'down';
  /** For `migration:baseline`. */
  mark?: 'applied' | 'not_applied';
  /** Called with the Run where it ended well, with null where it did not. */
  onEnd?(run: Run | null): void;
}

/** The question on the screen. */
export const runAsked = createStore<RunQuestion | null>(null);

/** Show what a run would do; one more Enter runs it. */
export const askRun = (question: RunQuestion) => runAsked.set(question);
