/** Cancelling a run, wherever its button is pressed: asked once, and said so everywhere until it has ended. */
import { cancelJob, type LiveJob } from '../../api/jobs';
import { createStore, useStore } from '../../lib/store';
import { notifyError } from '../notify';

const cancelling = createStore<ReadonlySet<string>>(new Set());

export function useCancel(job: LiveJob): { cancel(): void; asked: boolean } {
  const asked = useStore(cancelling).has(job.job_id);
  const cancel = () => {
    cancelling.set((before) => new Set(before).add(job.job_id));
    void cancelJob(job.job_id).catch((problem) => {
      cancelling.set((before) => new Set([...before].filter((id) => id !== job.job_id)));
      notifyError(problem);
    });
  };
  return { cancel, asked };
}
