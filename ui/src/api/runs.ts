/** Runs of migrations as the user starts them: the run panel opens and stays with the outcome. */
import type { Answer, Request } from './invoke';
import { ChannelError } from './invoke';
import { jobs, runJob, showJob } from './jobs';

export type RunChannel =
  | 'migration:up'
  | 'migration:down'
  | 'migration:retry'
  | 'migration:redo'
  | 'migration:baseline'
  | 'migration:resume';

// A run that only asks for consent ends at once: the panel would flash.
const SHOW_AFTER_MS = 150;

/**
 * Start a run and open its panel. Resolves with the Run, or with null where it did not end well or was not consented
 * to: the panel shows the error (also a refusal before anything ran), so the caller need not.
 */
export async function startRun<C extends RunChannel>(
  channel: C,
  payload: Request<C>,
): Promise<Answer<C> | null> {
  let started: string | null = null;
  const show = () => started && jobs.get().has(started) && showJob(started);
  const onStart = (jobId: string) => {
    started = jobId;
    setTimeout(show, SHOW_AFTER_MS);
  };
  try {
    return await runJob(channel, payload, { onStart });
  } catch (problem) {
    if (problem instanceof ChannelError) return null;
    throw problem;
  } finally {
    show();
  }
}
