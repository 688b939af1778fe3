/** Where the diagram's lines run and what is at their ends. Pure: they are drawn by paint.ts. */
import { getSmoothStepPath, Position } from '@xyflow/react';
import type { DiagramEdge } from '../../../api/types.generated';
import { type Layout, type Point, pathAlong } from './layout';
import type { Box } from './shape';

/** One relation's line, in the diagram's own measure. */
export interface Line {
  relation: DiagramEdge;
  /** As SVG writes it, from the pointing table to the one pointed at. */
  path: string;
  start: End;
  end: End;
  /** What it stays within; null where that is not known. */
  bounds: Bounds | null;
}

export interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where a line ends, and which way it looks from its box. */
interface End extends Point {
  angle: number;
}

const WEST = Math.PI;
const EAST = 0;

/** Every line along its route. */
export function laidOutLines(edges: DiagramEdge[], layout: Layout): Line[] {
  return edges.flatMap((relation) => {
    const route = layout.routes.get(relation.id);
    return route ? along(relation, route) : [];
  });
}

function along(relation: DiagramEdge, route: Point[]): Line[] {
  const [first, second] = route;
  const [last, before] = [route.at(-1), route.at(-2)];
  if (!first || !second || !last || !before) return [];
  const xs = route.map((one) => one.x);
  const ys = route.map((one) => one.y);
  return [
    {
      relation,
      path: pathAlong(route),
      start: { ...first, angle: Math.atan2(second.y - first.y, second.x - first.x) },
      end: { ...last, angle: Math.atan2(before.y - last.y, before.x - last.x) },
      bounds: {
        left: Math.min(...xs),
        top: Math.min(...ys),
        right: Math.max(...xs),
        bottom: Math.max(...ys),
      },
    },
  ];
}

/** A line whose box was moved leaves its route: from the left of one box to the right of the other. */
export function lineBetween(relation: DiagramEdge, from: Box & Point, to: Box & Point): Line {
  const start = { x: from.x, y: from.y + from.height / 2, angle: WEST };
  const end = { x: to.x + to.width, y: to.y + to.height / 2, angle: EAST };
  const [path] = getSmoothStepPath({
    sourceX: start.x,
    sourceY: start.y,
    sourcePosition: Position.Left,
    targetX: end.x,
    targetY: end.y,
    targetPosition: Position.Right,
    borderRadius: 6,
  });
  return { relation, path, start, end, bounds: null };
}

export const isOf = ({ relation }: Line, table: string | null) =>
  table !== null && (relation.table === table || relation.to_table === table);

/** Whether any of it can be seen in a view; `around` is how far its ends stand out. */
export const isInView = ({ bounds }: Line, view: Bounds, around = 12) =>
  bounds === null ||
  (bounds.left - around <= view.right &&
    bounds.right + around >= view.left &&
    bounds.top - around <= view.bottom &&
    bounds.bottom + around >= view.top);
