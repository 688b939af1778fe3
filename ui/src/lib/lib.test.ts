import { describe, expect, test } from 'vitest';
import { aConnection } from '../test/samples';
import { databaseName } from './engines';
import { formatBytes, formatDuration, formatRelative, plural, shortPath } from './format';
import { pageOf, paths } from './paths';
import { groupByProject } from './projects';

test.each([
  [null, null],
  [0.42, '0.4 ms'],
  [12.4, '12 ms'],
  [1270, '1.3 s'],
  [9960, '10 s'],
  [59_700, '1 min'],
  [125_000, '2 min 5 s'],
  [3_900_000, '1 h 5 min'],
])('a duration of %s ms reads %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

test.each([
  [999, '999 B'],
  [1500, '1.5 kB'],
  [999_600, '1.0 MB'],
  [5_000_000, '5.0 MB'],
])('%s bytes read %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

test.each([
  [10, 'just now'],
  [59, '1 minute ago'],
  [3540, '1 hour ago'],
  [86_400, 'yesterday'],
  [86_400 * 40, 'last month'],
])('%s seconds ago reads %s', (seconds, words) => {
  const now = new Date('2026-01-17T12:00:00Z');
  expect(formatRelative(new Date(now.getTime() - seconds * 1000), now)).toBe(words);
});

test('counts and paths', () => {
  expect(plural(1, 'table')).toBe('1 table');
  expect(plural(1200, 'table')).toBe('1,200 tables');
  expect(shortPath('/home/ada/shop/db/migrations')).toBe('…/shop/db/migrations');
});

test('an address is found again whatever the version is called', () => {
  const at = paths.editor('shop', '20260117 a/ü#1.sql');
  expect(at).toBe('/c/shop/edit/20260117%20a%2F%C3%BC%231.sql');
  expect(pageOf(at)).toEqual({ connection: 'shop', page: 'edit' });
  expect(pageOf('/settings')).toBeNull();
});

test.each([
  [{ database: 'shop' }, 'shop'],
  [{ database: null, engine: 'sqlite', url: 'sqlite:/data/shop.db?_fk=1' }, 'shop.db'],
  [{ database: null, engine: 'bigquery', name: 'lake' }, 'lake'],
] as const)('the database of %o is called %s', (change, name) => {
  expect(databaseName(aConnection(change))).toBe(name);
});

describe('projects', () => {
  const shared = { migrations_dir: '/p/shop/db/migrations', folder: '/p/shop' };
  test('connections that share a folder stand together, production last', () => {
    const groups = groupByProject([
      aConnection({ id: 'z', name: 'zoo', migrations_dir: '/zoo' }),
      aConnection({ id: 'p', name: 'prod', environment: 'production', ...shared }),
      aConnection({ id: 'd', name: 'dev', ...shared }),
    ]);
    expect(groups.map((one) => one.name)).toEqual(['shop', 'zoo']);
    expect(groups[0]?.connections.map((one) => one.name)).toEqual(['dev', 'prod']);
  });
});
