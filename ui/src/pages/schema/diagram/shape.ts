/** How large a table's box is and what stands in it. Known before anything is drawn, as the layout needs it. Pure. */
import type { DiagramColumn, DiagramNode } from '../../../api/types.generated';

/** What boxes show: everything up to a limit, keys alone, or only names. */
export type Density = 'columns' | 'keys' | 'names';

export const HEAD_PX = 30;
export const ROW_PX = 20;
export const FOOT_PX = 6;
/** From so far away columns cannot be read: the name alone stands in the box, large, and the page stays light. */
export const FAR_ZOOM = 0.4;
const MOST_ROWS = 16;
const LONGEST = 28;
/** 11 px JetBrains Mono, and 12 px Inter in bold. */
const MONO_PX = 6.7;
const TITLE_PX = 7.2;

export interface Box {
  id: string;
  title: string;
  kind: string;
  rows: DiagramColumn[];
  /** Columns that are not shown. */
  more: number;
  hidden: number;
  width: number;
  height: number;
}

export const cut = (text: string, most = LONGEST) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export function boxOf(node: DiagramNode, title: string, density: Density): Box {
  const keys = node.columns.filter((one) => one.primary_key || one.foreign_key);
  const rows =
    density === 'names' ? [] : density === 'keys' ? keys.slice(0, MOST_ROWS) : chosen(node.columns);
  const more = density === 'names' ? 0 : node.columns.length - rows.length;
  const widest = Math.max(0, ...rows.map((one) => cut(one.name).length + cut(one.type, 20).length + 3));
  const width = Math.max(130, 40 + cut(title, 36).length * TITLE_PX, 36 + widest * MONO_PX);
  return {
    id: node.id,
    title,
    kind: node.kind,
    rows,
    more,
    hidden: node.hidden_relations,
    width: Math.ceil(width),
    height: HEAD_PX + (rows.length + (more ? 1 : 0)) * ROW_PX + (rows.length || more ? FOOT_PX : 0),
  };
}

/** As they stand; of a long table the keys and as many others as there is room for. */
function chosen(columns: DiagramColumn[]): DiagramColumn[] {
  if (columns.length <= MOST_ROWS) return columns;
  const isKey = (one: DiagramColumn) => one.primary_key || one.foreign_key;
  let room = Math.max(0, MOST_ROWS - columns.filter(isKey).length);
  return columns.filter((one) => isKey(one) || room-- > 0).slice(0, MOST_ROWS);
}

/** The middle of a column's row, from the box's top; of its head where it is not shown. */
export function rowY(box: Box, column: string | undefined): number {
  const at = box.rows.findIndex((one) => one.name === column);
  return at < 0 ? HEAD_PX / 2 : HEAD_PX + at * ROW_PX + ROW_PX / 2;
}
