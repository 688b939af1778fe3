/** The diagram's boxes and where they stand. The layout runs in a worker; a newer one ends the one before. */
import { useEffect, useMemo, useState } from 'react';
import type { Diagram } from '../../../api/types.generated';
import { nameOf } from '../names';
import { layOut } from './elk';
import type { Layout } from './layout';
import { type Box, boxOf, type Density } from './shape';

export interface LaidOut {
  diagram: Diagram;
  boxes: Box[];
  layout: Layout;
}

export function useLayout(diagram: Diagram | undefined, density: Density) {
  const [done, setDone] = useState<LaidOut | null>(null);
  const [failed, setFailed] = useState<Error | null>(null);
  const boxes = useMemo(
    () => diagram?.nodes.map((node) => boxOf(node, nameOf(node.id, diagram.default_schema), density)) ?? [],
    [diagram, density],
  );
  useEffect(() => {
    if (!diagram) return;
    setFailed(null);
    const work = layOut(boxes, diagram.edges);
    let isCurrent = true;
    work.done.then(
      (layout) => isCurrent && setDone({ diagram, boxes, layout }),
      (problem) => isCurrent && setFailed(problem instanceof Error ? problem : new Error(String(problem))),
    );
    return () => {
      isCurrent = false;
      work.cancel();
    };
  }, [diagram, boxes]);
  return { done, failed, isWorking: !failed && (!done || done.boxes !== boxes) };
}
