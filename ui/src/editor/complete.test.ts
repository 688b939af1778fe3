import { describe, expect, it } from 'vitest';
import type { Catalog } from '../api/types.generated';
import { complete, type Place } from './complete';

const catalog: Catalog = {
  default_schema: 'public',
  functions: ['total_of'],
  types: ['order_state'],
  tables: [
    table('customers', ['id', 'name', 'E-mail']),
    table('orders', ['id', 'customer_id']),
    { ...table('events', ['at']), schema_name: 'audit' },
  ],
};

function table(name: string, columns: string[]): Catalog['tables'][number] {
  return {
    schema_name: 'public',
    name,
    kind: 'table',
    indexes: [],
    rows: null,
    columns: columns.map((column) => ({
      name: column,
      type: 'text',
      nullable: true,
      default: null,
      primary_key: false,
      comment: null,
    })),
  };
}

const at = (text: string, more: Partial<Place> = {}) => {
  const [before = '', after = ''] = text.split('|');
  const place = { text: before + after, offset: before.length, dialect: 'postgres' as const, catalog };
  return complete({ ...place, ...more }).suggestions;
};
const labels = (text: string, more?: Partial<Place>) => at(text, more).map((one) => one.label);

describe('SQL', () => {
  it.each([
    'SELECT * FROM |',
    'SELECT * FROM orders JOIN cus|',
    'UPDATE |',
    'INSERT INTO |',
    'ALTER TABLE |',
    'DROP TABLE IF EXISTS |',
    'CREATE INDEX orders_by_day ON |',
    'customer_id int REFERENCES |',
  ])('offers tables alone in %s', (text) => {
    expect(labels(text)).toEqual(['customers', 'orders', 'events', 'public', 'audit']);
  });

  it('names a table of another schema with it', () => {
    expect(at('SELECT * FROM |').map((one) => one.insert)).toContain('audit.events');
  });

  it.each([
    'SELECT * FROM customers c WHERE c.|',
    'SELECT c.| FROM customers AS c',
    'SELECT customers.| FROM customers',
    'SELECT * FROM cust c\nSELECT * FROM customers c WHERE c.|',
  ])('offers the columns of the table in %s', (text) => {
    expect(labels(text)).toEqual(['id', 'name', 'E-mail']);
  });

  it('quotes what must be quoted', () => {
    expect(at('SELECT c.| FROM customers c').at(-1)?.insert).toBe('"E-mail"');
  });

  it('offers the tables of a schema after its dot', () => {
    expect(labels('SELECT * FROM audit.|')).toEqual(['events']);
  });

  it('puts columns of the mentioned tables before keywords', () => {
    const found = at('SELECT | FROM orders');
    expect(found[0]?.label).toBe('id');
    expect(found.map((one) => one.label)).toContain('GROUP BY');
    expect(found.map((one) => one.label)).toContain('total_of');
  });

  it('does not take another statement for this one', () => {
    expect(labels('SELECT * FROM customers; SELECT | ')).not.toContain('name');
  });

  it('says nothing in comments and strings', () => {
    expect(labels('-- drop |')).toEqual([]);
    expect(labels("SELECT 'from |")).toEqual([]);
  });

  it('knows the words of the dialect', () => {
    expect(labels('|', { dialect: 'mysql' })).toContain('AUTO_INCREMENT');
    expect(labels('|', { dialect: 'postgres' })).not.toContain('AUTO_INCREMENT');
  });

  it('works without a database', () => {
    expect(labels('SELECT |', { catalog: null })).toContain('FROM');
  });

  it.each([
    ['SELECT a.total, o.| FROM orders o JOIN customers a ON true', ['id', 'customer_id']],
    ['SELECT * FROM orders, customers WHERE customers.|', ['id', 'name', 'E-mail']],
    ['SELECT * FROM audit.events e WHERE e.|', ['at']],
    ['SELECT audit.events.| FROM audit.events', ['at']],
    ['SELECT "x y".| FROM customers AS "x y"', ['id', 'name', 'E-mail']],
    ['WITH recent AS (SELECT id, name AS title FROM customers) SELECT r.| FROM recent r', ['id', 'title']],
    ['WITH n (a, b) AS (VALUES (1, 2)) SELECT n.| FROM n', ['a', 'b']],
    ['WITH all_of AS (SELECT * FROM orders) SELECT all_of.| FROM all_of', ['id', 'customer_id']],
    ['SELECT s.| FROM (SELECT id FROM orders) s', ['id']],
    ['INSERT INTO orders (|', ['id', 'customer_id']],
    ['INSERT INTO orders (id, |', ['id', 'customer_id']],
    ['UPDATE customers SET |', ['id', 'name', 'E-mail']],
    ['UPDATE customers SET id = 1, |', ['id', 'name', 'E-mail']],
    ['ALTER TABLE orders DROP COLUMN |', ['id', 'customer_id']],
    ['ALTER TABLE orders DROP COLUMN IF EXISTS |', ['id', 'customer_id']],
    ['ALTER TABLE orders ADD COLUMN a int, ALTER COLUMN |', ['id', 'customer_id']],
    ['ALTER TABLE orders RENAME COLUMN |', ['id', 'customer_id']],
    ['CREATE INDEX ON orders (|', ['id', 'customer_id']],
    ['CREATE UNIQUE INDEX CONCURRENTLY x ON orders USING btree (customer_id, |', ['id', 'customer_id']],
    ['CREATE TABLE t (c int REFERENCES customers (|', ['id', 'name', 'E-mail']],
    ['CREATE TABLE t (one int, two text, PRIMARY KEY (|', ['one', 'two']],
    ['ALTER TABLE orders ADD FOREIGN KEY (|', ['id', 'customer_id']],
    ['INSERT INTO orders (id) VALUES (1) ON CONFLICT (|', ['id', 'customer_id']],
  ])('offers these columns and nothing else: %s', (text, columns) => {
    expect(labels(text)).toEqual(columns);
  });

  it.each([
    'CREATE TABLE t (a |',
    'CREATE TABLE t (a int, b |',
    'CREATE TABLE IF NOT EXISTS t (\n  "odd name" te|',
    'ALTER TABLE orders ADD COLUMN total |',
    'ALTER TABLE orders ADD total |',
    'ALTER TABLE orders ADD COLUMN IF NOT EXISTS total |',
    'ALTER TABLE orders ALTER COLUMN id TYPE |',
    'SELECT id::|',
    'SELECT CAST(id AS |',
  ])('offers types in %s', (text) => {
    expect(labels(text)[0]).toBe('bigint');
    expect(labels(text)).toContain('order_state');
    expect(labels(text)).not.toContain('orders');
  });

  it('offers the types of the dialect', () => {
    expect(labels('CREATE TABLE t (a |', { dialect: 'clickhouse' })).toContain('UInt64');
    expect(labels('ALTER TABLE t MODIFY COLUMN a |', { dialect: 'mysql' })).toContain('BIGINT');
  });

  it.each([
    'CREATE TABLE |',
    'CREATE TABLE IF NOT EXISTS |',
    'ALTER TABLE orders ADD COLUMN |',
    'ALTER TABLE orders RENAME COLUMN id TO |',
    'SELECT id AS |',
    'CREATE TABLE t (a int, |',
  ])('offers nothing for a name that is not there yet: %s', (text) => {
    expect(labels(text)).toEqual([]);
  });

  it.each([
    ["SELECT 'it''s from |", {}],
    ['/* from\n |', {}],
    ['/* a /* b */ from |', {}],
    ["SELECT E'\\' from |", {}],
    ['SELECT $tag$ from |', {}],
    ['SELECT "a from |', { dialect: 'mysql' as const }],
    ["SELECT 'a\\' from |", { dialect: 'mysql' as const }],
    ['# from |', { dialect: 'mysql' as const }],
  ])('says nothing in comments and strings: %s', (text, more) => {
    expect(labels(text, more)).toEqual([]);
  });

  it.each([
    "SELECT '--'; SELECT * FROM |",
    "SELECT ';' FROM |",
    '-- it is; FROM x\nSELECT * FROM |',
    'DO $$ BEGIN UPDATE |; END $$;',
    'CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN SELECT 1; DELETE FROM | END $body$',
    'DROP TABLE orders, |',
    'SELECT * FROM orders o, |',
    'DELETE FROM orders USING |',
    'INSERT INTO orders SELECT * FROM |',
  ])('offers tables after them: %s', (text) => {
    expect(labels(text)).toContain('customers');
    expect(labels(text)).not.toContain('GROUP BY');
  });

  it('takes the place of the quotes that are typed already', () => {
    const text = 'SELECT c."E-" FROM customers c';
    const found = complete({ text, offset: 12, dialect: 'postgres', catalog });
    expect([found.replaceBefore, found.replaceAfter]).toEqual([3, 1]);
    expect(found.suggestions.map((one) => one.insert)).toContain('"E-mail"');
    expect(found.suggestions.map((one) => one.insert)).toContain('"name"');
  });

  it('offers snippets only where a statement begins', () => {
    const kinds = (text: string) => new Set(at(text).map((one) => one.kind));
    expect(kinds('SELECT 1;\n|')).toContain('snippet');
    expect(kinds('SELECT |')).not.toContain('snippet');
  });

  it('offers aliases and tables of the statement beside the columns', () => {
    expect(labels('SELECT | FROM customers who')).toContain('who');
    expect(labels('WITH recent AS (SELECT id FROM orders) SELECT * FROM |')[0]).toBe('recent');
  });

  it('stays quick in a long text', () => {
    const text = 'INSERT INTO orders (id) VALUES (1);\n'.repeat(2_700);
    expect(labels(`${text}SELECT * FROM |`)).toContain('orders');
  });

  it('knows the tables that the text itself makes', () => {
    const made =
      'CREATE TABLE IF NOT EXISTS reviews (id int, "the text" varchar(9) NOT NULL, PRIMARY KEY (id));';
    expect(labels(`${made}\nCREATE INDEX ON rev|`)).toContain('reviews');
    expect(labels(`${made}\nCREATE INDEX ON reviews (|`)).toEqual(['id', 'the text']);
    expect(at(`${made}\nUPDATE reviews SET |`).map((one) => one.detail)).toEqual([
      'int · reviews',
      'varchar(9) not null · reviews',
    ]);
  });
});
