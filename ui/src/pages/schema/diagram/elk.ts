/** ELK in a worker of its own, so that a large diagram never holds up the window. */
import ELK, { type ElkNode } from 'elkjs/lib/elk-api';
// As a file: the page's policy lets workers come from its own server only, and the script wants to be loaded as it is.
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';

/** A layout under way. `cancel` ends its worker at once; the promise is then never settled. */
export interface LayingOut {
  done: Promise<ElkNode>;
  cancel(): void;
}

export function layOut(graph: ElkNode): LayingOut {
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) });
  const done = elk.layout(graph).finally(() => elk.terminateWorker());
  return { done, cancel: () => elk.terminateWorker() };
}
