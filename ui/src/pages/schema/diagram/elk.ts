/** ELK in a worker of its own, so that a large diagram never holds up the window. */
import ELK from 'elkjs/lib/elk-api';
// As a file: the page's policy lets workers come from its own server only, and the script wants to be loaded as it is.
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import type { DiagramEdge } from '../../../api/types.generated';
import { fromElk, heightOf, isTower, type Layout, moreLikeAWindow, toElk } from './layout';
import type { Box } from './shape';

/** A layout under way. `cancel` ends its worker at once; the promise is then never settled. */
export interface LayingOut {
  done: Promise<Layout>;
  cancel(): void;
}

/** Lay out once, and where that gives a tower once more in several columns, unless those become a strip. */
export function layOut(boxes: Box[], edges: DiagramEdge[]): LayingOut {
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) });
  const work = async () => {
    const first = fromElk(await elk.layout(toElk(boxes, edges)));
    if (!isTower(first, boxes.length)) return first;
    return moreLikeAWindow(first, fromElk(await elk.layout(toElk(boxes, edges, heightOf(boxes)))));
  };
  return { done: work().finally(() => elk.terminateWorker()), cancel: () => elk.terminateWorker() };
}
