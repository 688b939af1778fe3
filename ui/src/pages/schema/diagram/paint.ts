/** The lines in sight, painted on one canvas. As elements of the page each of them took as long to paint as all of this. */
import { type Bounds, isInView, isOf, type Line } from './lines';
import type { Colours } from './picture';
import { FAR_ZOOM } from './shape';

const WIDTH_PX = 1.2;
const LIT_PX = 2;
/** What is thinner on the screen is not seen. */
const THINNEST_PX = 0.6;
const DASHES = [5, 3];
const STEPPED_BACK = 0.25;

export interface View {
  x: number;
  y: number;
  zoom: number;
  width: number;
  height: number;
}

/** Paths as the browser wants them, made once a line. */
const paths = new WeakMap<Line, Path2D>();

const pathOf = (line: Line) => {
  const known = paths.get(line);
  if (known) return known;
  const made = new Path2D(line.path);
  paths.set(line, made);
  return made;
};

/** Paint what is in view; the lines of table `lit` stand out from the others. */
export function paint(
  context: CanvasRenderingContext2D,
  lines: Line[],
  view: View,
  colours: Colours,
  lit: string | null,
) {
  const { x, y, zoom, width, height } = view;
  const pixels = window.devicePixelRatio || 1;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(zoom * pixels, 0, 0, zoom * pixels, x * pixels, y * pixels);
  const seen: Bounds = {
    left: -x / zoom,
    top: -y / zoom,
    right: (width - x) / zoom,
    bottom: (height - y) / zoom,
  };
  const inView = lines.filter((line) => isInView(line, seen));
  const isFar = zoom < FAR_ZOOM;
  const draw = (line: Line) => {
    // From far away nobody sees dashes and ends.
    context.setLineDash(line.relation.optional && !isFar ? DASHES : []);
    context.stroke(pathOf(line));
    if (isFar) return;
    context.setLineDash([]);
    if (line.relation.one_to_one) bar(context, line.start);
    else crowsFoot(context, line.start);
    bar(context, line.end);
  };
  context.strokeStyle = colours.line;
  context.lineWidth = Math.max(WIDTH_PX, THINNEST_PX / zoom);
  context.globalAlpha = lit === null ? 1 : STEPPED_BACK;
  for (const line of inView) if (!isOf(line, lit)) draw(line);
  if (lit === null) return;
  context.strokeStyle = colours.lit;
  context.lineWidth = Math.max(LIT_PX, THINNEST_PX / zoom);
  context.globalAlpha = 1;
  for (const line of inView) if (isOf(line, lit)) draw(line);
}

function crowsFoot(context: CanvasRenderingContext2D, { x, y, angle }: Line['start']) {
  stroke(context, x, y, angle, [0, -5, 10, 0, 0, 5]);
}

function bar(context: CanvasRenderingContext2D, { x, y, angle }: Line['start']) {
  stroke(context, x, y, angle, [4, -4.5, 4, 4.5]);
}

/** Corners given as they would be for a line that leaves its box to the right. */
function stroke(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  angle: number,
  corners: readonly number[],
) {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  context.beginPath();
  for (let at = 0; at < corners.length; at += 2) {
    const [right, down] = [corners[at] ?? 0, corners[at + 1] ?? 0];
    context.lineTo(x + right * cos - down * sin, y + right * sin + down * cos);
  }
  context.stroke();
}
