import { describe, expect, it } from 'vitest';
import type { Catalog, CatalogTable, DefinitionPlace } from '../api/types.generated';
import { hoverOf } from './hover';
import type { Dialect } from './languages';
import { outlineOf } from './outline';
import { targetAt } from './target';

const column = (name: string, type: string, more = {}) => ({
  name,
  type,
  nullable: true,
  default: null,
  primary_key: false,
  comment: null,
  ...more,
});

const table = (
  name: string,
  columns: CatalogTable['columns'],
  more: Partial<CatalogTable> = {},
): CatalogTable => ({
  schema_name: 'public',
  name,
  kind: 'table',
  columns,
  indexes: [],
  rows: 1_200,
  ...more,
});

const catalog: Catalog = {
  default_schema: 'public',
  functions: [],
  types: [],
  tables: [
    table('users', [
      column('id', 'bigint', { nullable: false, primary_key: true }),
      column('email', 'text', { default: "'none'", comment: 'Where *we* write' }),
    ]),
    table('events', [column('at', 'timestamptz')], { schema_name: 'audit' }),
  ],
};

const shop: Catalog = {
  ...catalog,
  default_schema: 'shop',
  tables: [table('users', [column('address.city', 'string')], { schema_name: null, kind: 'collection' })],
};

const at = (text: string, dialect: Dialect = 'postgres') => {
  const [before = '', after = ''] = text.split('|');
  return targetAt(before + after, before.length, dialect, dialect === 'mongodb' ? shop : catalog);
};
const named = (text: string, dialect?: Dialect) => {
  const found = at(text, dialect);
  return found && [found.schema_name, found.name, found.column].filter((one) => one !== null).join('.');
};

describe('the name at a place', () => {
  it.each([
    ['SELECT * FROM us|ers', 'users'],
    ['SELECT * FROM |users;', 'users'],
    ['SELECT u.em|ail FROM users u', 'users.email'],
    ['SELECT |u.email FROM users u', 'users'],
    ['SELECT em|ail FROM users', 'users.email'],
    ['ALTER TABLE users ALTER COLUMN em|ail TYPE text', 'users.email'],
    ['SELECT * FROM "us|ers"', 'users'],
    ['SELECT * FROM audit.ev|ents', 'audit.events'],
    ['SELECT a|t FROM audit.events', 'audit.events.at'],
    ['DROP TABLE not_|yet', 'not_yet'],
    ['DO $$ BEGIN UPDATE us|ers SET id = 1; END $$', 'users'],
    ['CREATE INDEX some|_index ON users (id)', 'some_index'],
  ])('%s', (text, name) => expect(named(text)).toBe(name));

  it.each([
    'SEL|ECT * FROM users',
    "SELECT 'us|ers'",
    '-- us|ers',
    'SELECT count(nothing|) FROM users',
    'WITH recent AS (SELECT 1 AS one) SELECT * FROM rec|ent',
  ])('is nothing of the database: %s', (text) => expect(named(text)).toBeNull());

  it.each([
    ['await db.collection("us|ers").drop()', 'users'],
    ['await db.collection("users").find({ "address.ci|ty": 1 })', 'users.address.city'],
    [
      'await db.collection("users").updateMany({}, { $set: { address: { ci|ty: 1 } } })',
      'users.address.city',
    ],
    ['await db.collection("users").aggregate([{ $group: { _id: "$address.c|ity" } }])', 'users.address.city'],
    ['await db.createCollection("us|ers")', 'users'],
  ])('in JavaScript: %s', (text, name) => expect(named(text, 'mongodb')).toBe(name));

  it.each([
    '// db.collection("us|ers")',
    'console.log("us|ers")',
    'await db.coll|ection("users")',
    'db.collection("users").updateMany({}, { $s|et: {} })',
  ])('is nothing of the database in JavaScript: %s', (text) => expect(named(text, 'mongodb')).toBeNull());
});

describe('the hover', () => {
  const place = { filename: '1_users.sql', kind: 'created', line: 2 } as DefinitionPlace;
  const said = (text: string, places: DefinitionPlace[] = [], dialect?: Dialect) => {
    const target = at(text, dialect);
    return target ? hoverOf(target, places, () => 'command:x').join('\n') : '';
  };

  it('tells a column’s type, null, default, key and comment, its marks escaped', () => {
    const text = said('SELECT em|ail FROM users');
    expect(text).toContain('email text');
    expect(text).toContain("may be null · default `'none'` · of `users`");
    expect(text).toContain('Where \\*we\\* write');
    expect(said('SELECT i|d FROM users')).toContain('primary key · not null');
  });

  it('tells a table’s columns, its rows and what made it', () => {
    const text = said('SELECT * FROM us|ers', [place, { ...place, kind: 'altered' }]);
    expect(text).toContain('about 1,200 rows · 2 columns');
    expect(text).toContain('id bigint not null');
    expect(text).toContain('Created by [1\\_users\\.sql](command:x), changed by 1 more');
  });

  it('tells the type of a field', () => {
    expect(said('db.collection("users").find({ "address.ci|ty": 1 })', [], 'mongodb')).toContain(
      'address.city string',
    );
  });

  it('says nothing of what nobody knows', () => {
    expect(said('DROP TABLE not_|yet')).toBe('');
  });
});

describe('the outline', () => {
  const lines = (text: string, dialect: Dialect = 'postgres') =>
    outlineOf(text, dialect).map((one) => `${one.line} ${one.verb} ${one.object}`.trim());

  it('names every statement, what it does and to what', () => {
    const text = `-- CREATE TABLE no
CREATE TABLE IF NOT EXISTS app.users (
  id int -- ; not an end
);
CREATE UNIQUE INDEX CONCURRENTLY by_name ON users (name);
ALTER TABLE ONLY users ADD x int; DROP VIEW IF EXISTS "Old One";
INSERT INTO users VALUES (';');
WITH a AS (SELECT 1) UPDATE users SET x = 1;
DO $$ BEGIN DELETE FROM users; END $$;`;
    expect(lines(text)).toEqual([
      '2 CREATE TABLE app.users',
      '5 CREATE UNIQUE INDEX by_name',
      '6 ALTER TABLE users',
      '6 DROP VIEW Old One',
      '7 INSERT users',
      '8 UPDATE users',
      '9 DO',
    ]);
  });

  it('keeps the body of a trigger in one piece', () => {
    const text =
      'CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  UPDATE a SET b = CASE WHEN c THEN 1 ELSE 2 END;\n  DELETE FROM b;\nEND;\nSELECT 1;';
    expect(lines(text, 'sqlite')).toEqual(['1 CREATE TRIGGER t', '5 SELECT']);
  });

  it('names the calls of a JavaScript half', () => {
    const text = `const users = db.collection("users");
// users.drop()
await users.createIndex({ a: 1 });
await db.createCollection("logs");
await db.command({ collMod: "users", validator: {} });
for await (const one of users.find({})) await db.collection("b").insertOne(one);`;
    expect(lines(text, 'mongodb')).toEqual([
      '3 createIndex users',
      '4 createCollection logs',
      '5 collMod users',
      '6 insertOne b',
    ]);
  });

  it.each(['', '((((', "'", '$$', '{{{', '"', '/*'])('reads anything: %s', (text) => {
    expect(() => [outlineOf(text, 'postgres'), outlineOf(text, 'mongodb')]).not.toThrow();
  });
});
