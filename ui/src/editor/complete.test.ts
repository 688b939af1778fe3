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
    })),
  };
}

const at = (text: string, more: Partial<Place> = {}) => {
  const [before = '', after = ''] = text.split('|');
  return complete({ before, after, dialect: 'postgres', catalog, ...more });
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
    expect(labels(text)).toEqual(['customers', 'orders', 'events']);
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
});

describe('JavaScript', () => {
  const js = (text: string) => labels(text, { dialect: 'mongodb' });

  it('offers collections in db.collection("…")', () => {
    expect(js('await db.collection("|')).toEqual(['customers', 'orders', 'events']);
  });

  it('offers what a collection can be told', () => {
    expect(js('await db.collection("orders").|')).toContain('createIndex');
  });

  it('offers the fields of the collection that was named last', () => {
    expect(js('await db.collection("orders").createIndex({ |')).toContain('customer_id');
  });

  it('offers operators after a dollar sign', () => {
    expect(js('db.collection("orders").updateMany({}, { $|')).toContain('$set');
  });
});
