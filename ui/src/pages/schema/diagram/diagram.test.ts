/** What the diagram shows of a table, where it puts it, and what the picture of it says. */
import ELK from 'elkjs/lib/elk.bundled.js';
import { expect, test } from 'vitest';
import type { DiagramColumn, DiagramEdge, DiagramNode } from '../../../api/types.generated';
import { matching, nameOf, partsOf } from '../names';
import { fromElk, heightOf, isTower, moreLikeAWindow, pathAlong, toElk } from './layout';
import { isInView, laidOutLines, lineBetween } from './lines';
import { escaped, toSvg } from './picture';
import { boxOf, HEAD_PX, ROW_PX, rowY } from './shape';

const aColumn = (name: string, change: Partial<DiagramColumn> = {}): DiagramColumn => ({
  name,
  type: 'integer',
  primary_key: false,
  foreign_key: false,
  nullable: true,
  ...change,
});
const aNode = (id: string, columns: DiagramColumn[] = []): DiagramNode => ({
  id,
  schema_name: null,
  name: id,
  kind: 'table',
  rows: null,
  comment: null,
  columns,
  hidden_relations: 0,
});
const anEdge = (table: string, to_table: string, change: Partial<DiagramEdge> = {}): DiagramEdge => ({
  id: `${table} ${to_table}`,
  name: null,
  table,
  to_table,
  columns: ['ref'],
  to_columns: ['id'],
  on_update: 'NO ACTION',
  on_delete: 'NO ACTION',
  optional: false,
  one_to_one: false,
  ...change,
});
const KEY = aColumn('id', { primary_key: true });
const REF = aColumn('ref', { foreign_key: true });
const boxes = (ids: string[]) => ids.map((id) => boxOf(aNode(id, [KEY, REF]), id, 'columns'));
const layOut = async (ids: string[], edges: DiagramEdge[], most?: number) =>
  fromElk(await new ELK().layout(toElk(boxes(ids), edges, most)));
const COLOURS = {
  background: '#fff',
  box: '#fff',
  head: '#eee',
  border: '#ccc',
  text: '#000',
  dim: '#555',
  accent: '#00f',
  lit: '#00f',
  line: '#888',
};

test('a box is as high as its rows', () => {
  const box = boxOf(aNode('users', [KEY, REF, aColumn('name')]), 'users', 'columns');
  expect(box.rows.map((one) => one.name)).toEqual(['id', 'ref', 'name']);
  expect(box.height).toBe(HEAD_PX + 3 * ROW_PX + 6);
  expect(rowY(box, 'ref')).toBe(HEAD_PX + 1.5 * ROW_PX);
  expect(rowY(box, 'nothing')).toBe(HEAD_PX / 2);
});

test('of a long table the keys are shown, and how many columns are not', () => {
  const columns = [...Array.from({ length: 40 }, (_, at) => aColumn(`c${at}`)), REF];
  const box = boxOf(aNode('wide', columns), 'wide', 'columns');
  expect(box.rows).toHaveLength(16);
  expect(box.rows.at(-1)?.name).toBe('ref');
  expect(box.more).toBe(25);
  expect(boxOf(aNode('wide', columns), 'wide', 'keys').rows.map((one) => one.name)).toEqual(['ref']);
  expect(boxOf(aNode('wide', columns), 'wide', 'names')).toMatchObject({
    rows: [],
    more: 0,
    height: HEAD_PX,
  });
});

test('what is pointed at stands to the left, and lines end at their columns', async () => {
  const { places, routes } = await layOut(['orders', 'users'], [anEdge('orders', 'users')]);
  const [orders, users] = boxes(['orders', 'users']);
  const at = (id: string) => places.get(id) ?? { x: Number.NaN, y: Number.NaN };
  expect(at('users').x).toBeLessThan(at('orders').x);
  const route = routes.get('orders users') ?? [];
  expect(route[0]).toEqual({ x: at('orders').x, y: at('orders').y + rowY(orders as never, 'ref') });
  expect(route.at(-1)?.x).toBe(at('users').x + (users?.width ?? 0));
  expect(route.at(-1)?.y).toBe(at('users').y + rowY(users as never, 'id'));
});

test('circles, tables that point at themselves and lines to nowhere are laid out', async () => {
  const edges = [anEdge('a', 'b'), anEdge('b', 'a'), anEdge('a', 'a'), anEdge('a', 'gone')];
  const { places, routes } = await layOut(['a', 'b', 'alone'], edges);
  expect([...places.keys()].sort()).toEqual(['a', 'alone', 'b']);
  expect([...routes.keys()].sort()).toEqual(['a a', 'a b', 'b a']);
});

test('forty tables around one are no tower', async () => {
  const ids = ['hub', ...Array.from({ length: 40 }, (_, at) => `t${at}`)];
  const edges = ids.slice(1).map((id) => anEdge(id, 'hub'));
  const tower = await layOut(ids, edges);
  expect(isTower(tower, ids.length)).toBe(true);
  const better = await layOut(ids, edges, heightOf(boxes(ids)));
  expect(isTower(better, ids.length)).toBe(false);
  expect(moreLikeAWindow(tower, better)).toBe(better);
  expect(moreLikeAWindow(tower, { ...better, width: better.height * 60 })).toBe(tower);
});

test('hundreds that point at one are no tower and no strip either', async () => {
  const ids = Array.from({ length: 160 }, (_, at) => `t${at}`);
  const edges = ids.slice(1).map((id) => anEdge(id, 't0'));
  const { width, height } = await layOut(ids, edges, heightOf(boxes(ids)));
  expect(width / height).toBeGreaterThan(0.6);
  expect(width / height).toBeLessThan(4);
});

test('a line leaves its box, arrives at the other, and is painted only where some of it is in view', async () => {
  const [users, orders] = boxes(['users', 'orders']);
  const edge = anEdge('orders', 'users');
  const layout = await layOut(['users', 'orders'], [edge]);
  const [line] = laidOutLines([edge], layout);
  const at = (id: string) => layout.places.get(id) ?? { x: Number.NaN, y: Number.NaN };
  if (!line?.bounds || !users || !orders) throw new Error('no line');
  expect(line.start).toMatchObject({ x: at('orders').x, angle: Math.PI });
  expect(line.end).toMatchObject({ x: at('users').x + users.width, angle: 0 });
  expect(isInView(line, line.bounds)).toBe(true);
  const { left, top, right, bottom } = line.bounds;
  expect(isInView(line, { left: right + 50, right: right + 90, top, bottom })).toBe(false);
  expect(isInView(line, { left, right, top: top - 90, bottom: top - 50 })).toBe(false);
  const moved = lineBetween(edge, { ...orders, x: 900, y: 700 }, { ...users, ...at('users') });
  expect(moved.start).toMatchObject({ x: 900, y: 700 + orders.height / 2 });
  expect(moved.end.x).toBe(at('users').x + users.width);
  expect(isInView(moved, { left: -9, right: -8, top: -9, bottom: -8 })).toBe(true);
});

test('no two boxes overlap', async () => {
  const ids = Array.from({ length: 60 }, (_, at) => `t${at}`);
  const edges = ids.slice(1).map((id, at) => anEdge(id, `t${Math.floor(at / 3)}`));
  const { places } = await layOut(ids, edges);
  const all = boxes(ids).map((box) => ({ ...box, ...(places.get(box.id) ?? { x: 0, y: 0 }) }));
  for (const a of all)
    for (const b of all)
      if (a.id < b.id)
        expect(
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
        ).toBe(true);
});

test('a line turns its corners round', () => {
  const path = pathAlong([
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 10, y: 20 },
  ]);
  expect(path).toBe('M 0 0 L 5 0 Q 10 0 10 5 L 10 20');
  expect(pathAlong([])).toBe('');
});

test('the picture is well-formed, whatever tables are called', async () => {
  const name = `<script>"'&\u0000\u001b]]>`;
  const box = boxOf(aNode('x', [aColumn(name), KEY]), name, 'columns');
  const edge = anEdge('x', 'x', { columns: [name] });
  const layout = fromElk(await new ELK().layout(toElk([box], [edge])));
  const svg = toSvg([box], [edge], layout, COLOURS);
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(parsed.querySelector('parsererror')).toBeNull();
  expect(parsed.querySelector('script')).toBeNull();
  expect(parsed.querySelector('g > title')?.textContent).toContain('<script>"\'&');
  expect(escaped('a\tb\nc')).toBe('a\tb\nc');
});

test('an id says its schema and its name', () => {
  expect(partsOf('users')).toEqual({ schema: null, name: 'users' });
  expect(partsOf('public.users')).toEqual({ schema: 'public', name: 'users' });
  expect(partsOf('a\\.b.c\\\\d\\.e')).toEqual({ schema: 'a.b', name: 'c\\d.e' });
  expect(partsOf('odd\\.name')).toEqual({ schema: null, name: 'odd.name' });
  expect(nameOf('public.users', 'public')).toBe('users');
  expect(nameOf('crm.users', 'public')).toBe('crm.users');
});

test('tables that begin with what is typed come first, and all words must be there', () => {
  const names = ['reorder', 'order_items', 'order', 'items'];
  expect(matching(names, 'order', (one) => one)).toEqual(['order', 'order_items', 'reorder']);
  expect(matching(names, ' items ORDER', (one) => one)).toEqual(['order_items']);
  expect(matching(names, '', (one) => one)).toBe(names);
});
