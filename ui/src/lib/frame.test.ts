import { describe, expect, test } from 'vitest';
import { arrange, type Item, readQuery, remember } from '../app/palette/items';
import { lastPlace } from '../app/Start';
import { readBlocks } from '../components/Prose';
import { aConnection } from '../test/samples';
import { chordOf } from './commands';
import { pieces, scoreOf } from './match';
import { fitTabs, moveTab, neighbour, readTabs, successor, type Tab, visit } from './tabs';

const tabs = (...names: string[]): Tab[] =>
  names.map((connection) => ({ connection, path: `/c/${connection}/x` }));
const names = (some: Tab[]) => some.map((tab) => tab.connection).join('');

describe('tabs', () => {
  test('a connection has one tab, at its last place', () => {
    const first = visit(visit([], 'a', '/1'), 'b', '/2');
    expect(visit(first, 'a', '/3')).toEqual([
      { connection: 'a', path: '/3' },
      { connection: 'b', path: '/2' },
    ]);
    expect(visit(first, 'a', '/1')).toBe(first);
  });

  test('what closes gives way to its right neighbour, the last to its left', () => {
    expect(successor(tabs('a', 'b', 'c'), 'b')?.connection).toBe('c');
    expect(successor(tabs('a', 'b', 'c'), 'c')?.connection).toBe('b');
    expect(successor(tabs('a'), 'a')).toBeNull();
  });

  test('stepping goes round, and from outside to the nearest end', () => {
    expect(neighbour(tabs('a', 'b', 'c'), 'c', 1)?.connection).toBe('a');
    expect(neighbour(tabs('a', 'b', 'c'), 'a', -1)?.connection).toBe('c');
    expect(neighbour(tabs('a', 'b', 'c'), null, 1)?.connection).toBe('a');
    expect(neighbour([], null, 1)).toBeNull();
  });

  test.each([
    ['a', 2, 'bca'],
    ['c', 0, 'cab'],
    ['b', 99, 'acb'],
    ['x', 0, 'abc'],
  ])('%s moved to %s gives %s', (name, to, order) => {
    expect(names(moveTab(tabs('a', 'b', 'c'), name, to))).toBe(order);
  });

  test('where there is no room for all, the open one is among those shown', () => {
    const { shown, hidden } = fitTabs(tabs('a', 'b', 'c', 'd', 'e'), 'e', 340, 100, 40);
    expect([names(shown), names(hidden)]).toEqual(['abe', 'cd']);
    expect(fitTabs(tabs('a', 'b'), 'a', 340, 100, 40).hidden).toEqual([]);
  });

  test('only what is a tab of a known connection is restored, each once', () => {
    const stored = [
      null,
      4,
      { connection: 'a', path: '/1' },
      { connection: 'a', path: '/2' },
      { connection: 'z', path: '/' },
    ];
    expect(readTabs(stored, new Set(['a', 'b']))).toEqual([{ connection: 'a', path: '/1' }]);
    expect(readTabs('nonsense', new Set())).toEqual([]);
  });
});

describe('the place of last time', () => {
  const known = [aConnection(), aConnection({ id: 'blog' })];
  test.each([
    [{ last_path: '/c/blog/database?tab=file' }, '/c/blog/database?tab=file'],
    [{ last_path: '/settings?section=rules' }, '/settings?section=rules'],
    [{ last_path: '/c/gone/database', last_connection: 'blog' }, '/c/blog/migrations'],
    [{ last_path: '//evil.example', last_connection: 'blog' }, '/c/blog/migrations'],
    [{ last_path: 7 }, '/c/shop/migrations'],
  ])('%o leads to %s', (ui, place) => {
    const led = lastPlace(ui, known);
    expect(led?.replace('/dashboard', '/migrations')).toBe(place);
  });

  test('without connections there is none', () => {
    expect(lastPlace({ last_path: '/settings' }, [])).toBeNull();
  });
});

describe('the palette', () => {
  const item = (label: string, section: string, more: Partial<Item> = {}): Item => ({
    id: label,
    label,
    section,
    ...more,
  });
  const titles = (query: string, items: Item[], first: string | null = null) =>
    arrange(items, [], query, first).map(
      (one) => `${one.title}: ${one.items.map((i) => i.label).join(', ')}`,
    );

  test('a word may begin, stand in, or name what is found; each must be somewhere', () => {
    const label = (text: string, query: string) => scoreOf({ label: text, words: 'dark light' }, query);
    expect(label('Settings', 'settings')).toBeGreaterThan(label('Settings of the shop', 'settings') ?? 0);
    expect(label('Open the shop', 'shop')).toBeGreaterThan(label('workshop', 'shop') ?? 0);
    expect(label('Roll back last', 'rbl')).not.toBeNull();
    expect(label('Theme', 'dark theme')).not.toBeNull();
    expect(label('Theme', 'theme zebra')).toBeNull();
    expect(label('a+b (c)', '(c)')).not.toBeNull();
  });

  test('the best section stands first; of two that fit alike, the page’s own', () => {
    const items = [item('Sort rows', 'Migrations'), item('Sorts', 'Connections'), item('Sort all', 'Do')];
    expect(titles('sort', items, 'Migrations')[0]).toBe('Migrations: Sort rows');
    expect(titles('all', items)).toEqual(['Do: Sort all']);
  });

  test('what the backend found stays though its name says nothing of it', () => {
    expect(titles('tags', [item('create_posts', 'Migrations', { found: true })])).toEqual([
      'Migrations: create_posts',
    ]);
  });

  test('recent ones come first while nothing is typed, once each, the last one foremost', () => {
    const items = [item('One', 'Do'), item('Two', 'Do')];
    const recents = remember(
      remember(remember([], item('Two', 'Do')), item('Far', 'x', { path: '/far' })),
      item('Two', 'Do'),
    );
    const [recent, rest] = arrange(items, recents, '', null);
    expect(recent?.items.map((one) => one.label)).toEqual(['Two', 'Far']);
    expect(rest?.items.map((one) => one.label)).toEqual(['One']);
  });

  test.each([
    ['> apply', 'actions', 'apply'],
    ['@shop', 'connections', 'shop'],
    ['#', 'tables', ''],
    [' create  ', 'all', 'create'],
  ])('“%s” asks for %s', (typed, mode, query) => {
    expect(readQuery(typed)).toEqual({ mode, query });
  });

  test('what was typed is marked, whatever signs it has', () => {
    expect(pieces('a.b(c)', '.b(').map((one) => one.text)).toEqual(['a', '.b(', 'c)']);
    expect(pieces('shop', '')).toEqual([{ text: 'shop', hit: false }]);
  });
});

describe('keys', () => {
  const press = (key: string, more: KeyboardEventInit & { altGraph?: boolean } = {}) =>
    new KeyboardEvent('keydown', { key, modifierAltGraph: more.altGraph, ...more });
  test.each([
    [press('k', { ctrlKey: true }), 'mod+k'],
    [press('?', { shiftKey: true }), '?'],
    [press('T', { ctrlKey: true, shiftKey: true }), 'mod+shift+t'],
    [press('Tab', { ctrlKey: true, shiftKey: true }), 'ctrl+shift+tab'],
    [press('n', { metaKey: true }), 'meta+n'],
    [press('[', { ctrlKey: true, altKey: true, altGraph: true }), '['],
    [press('Ñ', { shiftKey: true }), 'shift+ñ'],
  ])('%o is %s', (event, chord) => {
    expect(chordOf(event)).toBe(chord);
  });
});

test('our Markdown is read, and what is none of it is text', () => {
  const text =
    '# A\n\nSays `x`\nand more.\n\n```sql\n# no heading\n```\n\n> q\n\n- one\n- two\n\n<b>bold</b>\n```\nopen';
  expect(readBlocks(text)).toEqual([
    { kind: 'heading', level: 1, text: 'A' },
    { kind: 'paragraph', text: 'Says `x` and more.' },
    { kind: 'code', text: '# no heading' },
    { kind: 'quote', text: 'q' },
    { kind: 'list', items: ['one', 'two'] },
    { kind: 'paragraph', text: '<b>bold</b>' },
    { kind: 'code', text: 'open' },
  ]);
});
