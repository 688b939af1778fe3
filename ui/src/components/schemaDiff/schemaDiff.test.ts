import { describe, expect, it } from 'vitest';
import type { Connection, Proof, SchemaChange } from '../../api/types.generated';
import { proofWords } from './proof';
import { isDrift, missingOf, requestOf, type Side } from './sides';
import { cameAlong, checkOf, countsOf, includeOf, kindLabel, nameOf, rowsOf, toggled } from './tree';

const change = (id: string, more: Partial<SchemaChange> = {}): SchemaChange => {
  const kind = more.kind ?? (id.split(' ')[0] as string);
  return {
    id,
    kind,
    name: id.slice(kind.length + 1),
    schema_name: null,
    parent: null,
    change: 'changed',
    old_id: null,
    before: 'a',
    after: 'b',
    lines_added: 1,
    lines_removed: 1,
    ...more,
  };
};
const CHANGES = [
  change('index by_mail', { change: 'added' }),
  change('table users'),
  change('table orders', { change: 'removed' }),
];
const NONE: ReadonlySet<string> = new Set();
const shop = { id: 'shop', name: 'Shop', engine: 'postgres', schema_file: '/db/schema.sql' } as Connection;

describe('the tree', () => {
  it('groups by kind, tables before indexes', () => {
    expect(rowsOf(CHANGES, '', NONE).map((row) => row.label)).toEqual([
      'Tables',
      'users',
      'orders',
      'Indexes',
      'by_mail',
    ]);
  });

  it('names the schema where there are several', () => {
    const both = [
      change('table public.a', { schema_name: 'public' }),
      change('table app.b', { schema_name: 'app' }),
    ];
    expect(rowsOf(both, '', NONE).map((row) => row.label)).toEqual([
      'app · Tables',
      'app.b',
      'public · Tables',
      'public.a',
    ]);
  });

  it('folds a group, but not while something is searched for', () => {
    const closed = new Set([rowsOf(CHANGES, '', NONE)[0]?.id ?? '']);
    expect(rowsOf(CHANGES, '', closed).map((row) => row.label)).toEqual(['Tables', 'Indexes', 'by_mail']);
    expect(rowsOf(CHANGES, 'user', closed).map((row) => row.label)).toEqual(['Tables', 'users']);
  });

  it('finds by what happened too', () => {
    expect(rowsOf(CHANGES, 'removed orders', NONE)).toHaveLength(2);
  });

  it('counts and names', () => {
    expect(countsOf(CHANGES)).toEqual({ added: 1, removed: 1, changed: 1, renamed: 0 });
    expect(nameOf(change('fk constraint public.orders by_user', { kind: 'fk constraint' }))).toBe(
      'public.orders by_user',
    );
    expect([kindLabel('fk constraint'), kindLabel('view'), kindLabel('index', false)]).toEqual([
      'Foreign keys',
      'Views',
      'Index',
    ]);
  });
});

describe('choosing', () => {
  it('takes a group out and in again', () => {
    const tables = CHANGES.slice(1);
    const out = toggled(tables, NONE);
    expect(checkOf(tables, out)).toBe('none');
    expect(checkOf(CHANGES, out)).toBe('some');
    expect(includeOf(CHANGES, out)).toEqual(['index by_mail']);
    expect(includeOf(CHANGES, toggled(tables, out))).toBeNull();
  });

  it('completes a group of which only some go in', () => {
    const one = toggled([CHANGES[1] as SchemaChange], NONE);
    expect(toggled(CHANGES, one).size).toBe(0);
  });

  it('tells what came along without being chosen', () => {
    const left = new Set(['table users', 'table orders']);
    const along = cameAlong(CHANGES, left, [{ objects: ['index by_mail', 'table users'] }]);
    expect(along.map((one) => one.id)).toEqual(['table users']);
  });
});

describe('the sides', () => {
  it.each<[Side, unknown]>([
    [{ kind: 'live' }, { connection: 'shop' }],
    [{ kind: 'file' }, { file: '/db/schema.sql', engine: 'postgres' }],
    [{ kind: 'applied' }, { migrations: 'shop', applied: true }],
    [
      { kind: 'migrations', to: '1' },
      { migrations: 'shop', to: '1' },
    ],
    [{ kind: 'migrations' }, { migrations: 'shop' }],
    [
      { kind: 'revision', revision: ' main ' },
      { connection: 'shop', revision: 'main' },
    ],
    [
      { kind: 'revisionFiles', revision: 'main' },
      { migrations: 'shop', revision: 'main' },
    ],
    [{ kind: 'other', connection: 'blog' }, { connection: 'blog' }],
    [
      { kind: 'path', path: 'a.sql' },
      { file: 'a.sql', engine: 'postgres' },
    ],
    [{ kind: 'url', url: 'sqlite:a.db' }, { url: 'sqlite:a.db' }],
  ])('%j', (side, request) => {
    expect(requestOf(side, shop)).toEqual(request);
    expect(missingOf(side)).toBeNull();
  });

  it.each<Side>([{ kind: 'other' }, { kind: 'revision' }, { kind: 'path', path: ' ' }, { kind: 'url' }])(
    'are not asked for before all is said: %j',
    (side) => {
      expect(requestOf(side, shop)).toBeNull();
      expect(missingOf(side)).not.toBeNull();
    },
  );

  it('know drift', () => {
    expect(isDrift({ kind: 'applied' }, { kind: 'live' })).toBe(true);
    expect(isDrift({ kind: 'live' }, { kind: 'applied' })).toBe(false);
  });
});

describe('the proof in words', () => {
  const proof = (more: Partial<Proof>): Proof => ({
    up: true,
    down: true,
    rows: true,
    rows_seeded: 9,
    left_up: [],
    left_down: [],
    problems: [],
    scratch: 'the bundled PostgreSQL',
    ...more,
  });

  it.each<[Partial<Proof>, string, string]>([
    [{}, 'green', 'Proven both ways, rows kept'],
    [{ rows: null }, 'green', 'Proven both ways'],
    [{ rows: false }, 'amber', 'Proven both ways, rows not kept'],
    [
      { rows: false, problems: ['Up: no.', 'On empty tables it works; rows stand in its way.'] },
      'amber',
      'Proven both ways, on empty tables',
    ],
    [{ down: false }, 'amber', 'Proven up, not down'],
    [{ down: null }, 'amber', 'Proven up, not down'],
    [{ up: false, down: null }, 'red', 'Up does not lead there'],
    [{ up: null, down: null, problems: ['No server.'] }, 'gray', 'Not proven'],
  ])('%j', (more, tone, title) => {
    expect(proofWords(proof(more), false)).toMatchObject({ tone, title });
  });

  it('gives the reason where nothing was run', () => {
    expect(proofWords(proof({ up: null, down: null, problems: ['No server.'] }), false).text).toBe(
      'No server.',
    );
  });

  it('claims nothing of a text that was changed', () => {
    expect(proofWords(proof({}), true).title).toBe('Not proven as it stands');
  });
});
