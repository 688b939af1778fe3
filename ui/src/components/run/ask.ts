/** Asking for a run: the plan is shown first, wherever it is asked from. The run panel's sheet answers. */
import type { RunChannel } from '../../api/runs';
import type { Finding, Run } from '../../api/types.generated';
import { createStore } from '../../lib/store';
import type { Mending } from '../finding/FindingBody';

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
  /** Whether a backup is made first; left out: as the settings say. */
  backup?: boolean;
  /** Looked at, not about to run: nothing that runs has the focus, and both directions can be seen. */
  looking?: boolean;
  /** Opens at the rehearsal. */
  rehearse?: boolean;
  /** A whole file as it stands in an editor, saved or not, in the place of what is on the disk. */
  content?: string;
  /** Writes that text before it runs; false where that did not work. With `content` and without this nothing can run. */
  save?(): Promise<boolean>;
  /** What the editor can do about a finding. */
  mend?(finding: Finding): Mending | null;
  /** Called with the Run where it ended well, with null where it did not. */
  onEnd?(run: Run | null): void;
}

/** The question on the screen. */
export const runAsked = createStore<RunQuestion | null>(null);

/** Show what a run would do; one more Enter runs it. */
export const askRun = (question: RunQuestion) => runAsked.set(question);
