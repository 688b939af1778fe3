/** From boxes and relations to ELK's graph and back. Pure: the work itself is done by a worker (elk.ts). */
import type { ElkExtendedEdge, ElkNode, ElkPort } from 'elkjs/lib/elk-api';
import type { DiagramEdge } from '../../../api/types.generated';
import { type Box, rowY } from './shape';

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  /** The upper left corner of each box, by id. */
  places: Map<string, Point>;
  /** The corners of each line from the pointing table to the one pointed at, by the relation's id. */
  routes: Map<string, Point[]>;
  width: number;
  height: number;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  // What is pointed at stands to the left.
  'elk.direction': 'LEFT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.spacing.nodeNodeBetweenLayers': '70',
  'elk.layered.spacing.edgeNodeBetweenLayers': '20',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.nodeNode': '32',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.componentComponent': '44',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.crossingMinimization.strategy': 'LAYER_SWEEP',
  'elk.layered.thoroughness': '7',
  'elk.separateConnectedComponents': 'true',
  'elk.aspectRatio': '1.6',
  'elk.padding': '[top=24,left=24,bottom=24,right=24]',
};
const QUICK = {
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.thoroughness': '3',
};
const inColumnsOf = (most: number) => ({
  'elk.layered.layering.strategy': 'COFFMAN_GRAHAM',
  'elk.layered.layering.coffmanGraham.layerBound': String(most),
});
/** The same for many boxes: there a most of them a column takes a quarter of a minute, and makes a strip. */
const IN_NARROW_COLUMNS = {
  'elk.layered.layering.strategy': 'MIN_WIDTH',
  'elk.layered.layering.minWidth.upperBoundOnWidth': '6',
};
/** Above this many boxes the careful placement takes seconds; the quick one is good enough. */
const CAREFUL = 120;

/** Narrower than this, and a diagram is a tower of boxes that nobody can read at once. */
const TOWER = 0.6;

/** Many tables that point at one stand in one column, unless columns are given a most. */
export const isTower = ({ width, height }: Layout, boxes: number) => boxes > 8 && width < height * TOWER;

/** The one that fits better into a window. Columns of a few boxes each make a strip of tables that follow each other. */
export const moreLikeAWindow = (one: Layout, other: Layout) => (offBy(other) < offBy(one) ? other : one);

const WINDOW = 1.5;
const offBy = ({ width, height }: Layout) => Math.abs(Math.log(width / height / WINDOW));

/** How many boxes may stand one above the other so that the whole is about as wide as a window. */
export function heightOf(boxes: Box[]): number {
  const mean = (of: (box: Box) => number) => boxes.reduce((sum, box) => sum + of(box), 0) / boxes.length;
  return Math.max(
    2,
    Math.ceil(
      Math.sqrt((boxes.length * (mean((box) => box.width) + 80)) / (WINDOW * mean((box) => box.height + 32))),
    ),
  );
}

/** `most`: about how many boxes one above the other; as many as there are where absent. */
export function toElk(boxes: Box[], edges: DiagramEdge[], most?: number): ElkNode {
  const ports = new Map<string, ElkPort[]>(boxes.map((one) => [one.id, []]));
  const byId = new Map(boxes.map((one) => [one.id, one]));
  const lines: ElkExtendedEdge[] = [];
  for (const edge of edges) {
    const source = byId.get(edge.table);
    const target = byId.get(edge.to_table);
    if (!source || !target) continue;
    const out = { id: `out ${edge.id}`, x: 0, y: rowY(source, edge.columns[0]), width: 0, height: 0 };
    const into = {
      id: `in ${edge.to_table} ${edge.to_columns[0] ?? ''}`,
      x: target.width,
      y: rowY(target, edge.to_columns[0] ?? keyOf(target)),
      width: 0,
      height: 0,
    };
    ports.get(source.id)?.push({ ...out, layoutOptions: { 'elk.port.side': 'WEST' } });
    const there = ports.get(target.id);
    // Lines to one column meet in one place.
    if (there && !there.some((one) => one.id === into.id)) {
      there.push({ ...into, layoutOptions: { 'elk.port.side': 'EAST' } });
    }
    lines.push({ id: edge.id, sources: [out.id], targets: [into.id] });
  }
  const isLarge = boxes.length > CAREFUL;
  const columns = most === undefined ? {} : isLarge ? IN_NARROW_COLUMNS : inColumnsOf(most);
  return {
    id: 'root',
    layoutOptions: { ...OPTIONS, ...(isLarge ? QUICK : {}), ...columns },
    children: boxes.map((one) => ({
      id: one.id,
      width: one.width,
      height: one.height,
      ports: ports.get(one.id) ?? [],
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
    })),
    edges: lines,
  };
}

const keyOf = (box: Box) => box.rows.find((one) => one.primary_key)?.name;

export function fromElk(graph: ElkNode): Layout {
  const routes = new Map<string, Point[]>();
  for (const edge of graph.edges ?? []) {
    const section = edge.sections?.[0];
    if (section) {
      routes.set(edge.id, [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]);
    }
  }
  return {
    places: new Map((graph.children ?? []).map((one) => [one.id, { x: one.x ?? 0, y: one.y ?? 0 }])),
    routes,
    width: graph.width ?? 0,
    height: graph.height ?? 0,
  };
}

/** An SVG path along right-angled corners, each rounded. */
export function pathAlong(points: Point[], radius = 6): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M ${first.x} ${first.y}`;
  let before = first;
  rest.forEach((corner, at) => {
    const after = rest[at + 1];
    if (!after) {
      path += ` L ${corner.x} ${corner.y}`;
      return;
    }
    const r = Math.min(radius, distance(before, corner) / 2, distance(corner, after) / 2);
    const start = towards(corner, before, r);
    const end = towards(corner, after, r);
    path += ` L ${start.x} ${start.y} Q ${corner.x} ${corner.y} ${end.x} ${end.y}`;
    before = corner;
  });
  return path;
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}
