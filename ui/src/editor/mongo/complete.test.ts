import { describe, expect, it } from 'vitest';
import type { Catalog, CatalogTable } from '../../api/types.generated';
import { complete } from '../complete';

const collection = (name: string, fields: Record<string, string>, indexed: string[] = []): CatalogTable => ({
  schema_name: null,
  name,
  kind: 'collection',
  rows: 7,
  indexes: indexed.map((one) => ({ name: `${one}_1`, columns: [one], unique: false })),
  columns: Object.entries(fields).map(([field, type]) => ({
    name: field,
    type,
    nullable: true,
    default: null,
    primary_key: field === '_id',
    comment: null,
  })),
});

const catalog: Catalog = {
  default_schema: 'shop',
  functions: [],
  types: [],
  tables: [
    collection('orders', { _id: 'objectId', total: 'double', 'items.sku': 'string' }, ['placed_at']),
    collection('users', {
      _id: 'objectId',
      email: 'string',
      address: 'object',
      'address.city': 'string',
      'odd-name': 'int',
    }),
  ],
};

const at = (text: string) => {
  const [before = '', after = ''] = text.split('|');
  return complete({ text: before + after, offset: before.length, dialect: 'mongodb', catalog });
};
const labels = (text: string) => at(text).suggestions.map((one) => one.label);

const USERS = ['_id', 'email', 'address', 'address.city', 'odd-name'];

describe('collections', () => {
  it.each([
    'await db.collection("|',
    "await db.collection('us|')",
    'await db.dropCollection("|")',
    'await db.renameCollection("|", "b")',
    'await db.command({ collMod: "|" })',
    'db.collection("users").aggregate([{ $lookup: { from: "|" } }])',
    'db.collection("users").aggregate([{ $out: "|" }])',
  ])('are offered in %s', (text) => expect(labels(text)).toEqual(['orders', 'users']));

  it('are not offered in any other string', () => {
    expect(labels('console.log("|")')).toEqual([]);
    expect(labels('await db.collection("users").rename("|")')).toEqual([]);
    expect(labels('await db.createCollection("|")')).toEqual([]);
  });

  it('know what they can be told', () => {
    expect(labels('db.collection("users").|')).toContain('createIndex');
    expect(labels('const users = db.collection("users");\nawait users.upd|')).toContain('updateMany');
    expect(labels('await db.|')).toContain('createCollection');
    expect(labels('db.collection("users").find({}).|')).toContain('toArray');
    expect(labels('something.|')).toEqual([]);
  });
});

describe('fields', () => {
  it.each([
    'db.collection("users").find({ |',
    'db.collection("users").find({ "em|" })',
    'db.collection("users").updateMany({ email: 1, |',
    'db.collection("users").deleteMany({ $or: [{ |',
    'db.collection("users").updateMany({}, { $set: { | } })',
    'db.collection("users").updateMany({}, [{ $set: { | } }])',
    'db.collection("users").createIndex({ | })',
    'db.collection("users").find({}).sort({ | })',
    'db.collection("users").aggregate([{ $match: { | } }])',
    'db.collection("users").aggregate([{ $match: {} }, { $project: { |',
    'const users = db.collection("users");\nawait users.insertOne({ | })',
    'const NAME = "users";\nawait db.collection(NAME).find({ |',
    'db.collection("users").bulkWrite([{ updateOne: { filter: { |',
    'db.collection("orders").aggregate([{ $lookup: { from: "users", pipeline: [{ $match: { |',
  ])('of the collection are offered in %s', (text) =>
    expect(labels(text).filter((one) => !one.startsWith('$'))).toEqual(USERS),
  );

  it('with a dot are written in quotes, and only once', () => {
    const insertOf = (text: string) =>
      at(text).suggestions.find((one) => one.label === 'address.city')?.insert;
    expect(insertOf('db.collection("users").find({ |')).toBe('"address.city"');
    expect(insertOf('db.collection("users").find({ "address.|" })')).toBe('address.city');
    expect(at('db.collection("users").find({ "address.|" })').replaceBefore).toBe('address.'.length);
  });

  it('below another are named from there', () => {
    expect(labels('db.collection("users").insertOne({ address: { |')).toEqual(['city']);
    expect(labels('db.collection("users").find({ address: { |')).toContain('city');
    expect(labels('db.collection("orders").insertOne({ items: [{ |')).toEqual(['sku']);
  });

  it('known by an index alone are offered too', () => {
    expect(labels('db.collection("orders").find({ |')).toContain('placed_at');
  });

  it('stand with a dollar in the strings of a pipeline', () => {
    expect(labels('db.collection("users").aggregate([{ $group: { _id: "|" } }])')).toContain('$address.city');
    expect(labels('db.collection("users").updateMany({}, [{ $set: { name: "$|" } }])')).toContain('$email');
    expect(
      labels('db.collection("users").aggregate([{ $lookup: { from: "orders", foreignField: "|" } }])'),
    ).toContain('total');
    expect(labels('db.collection("users").aggregate([{ $unset: ["|"] }])')).toContain('email');
  });

  it('are not offered as a value', () => {
    expect(labels('db.collection("users").find({ email: "|" })')).toEqual([]);
    expect(labels('db.collection("users").updateMany({}, { $set: { email: "|" } })')).toEqual([]);
  });
});

describe('operators', () => {
  it.each([
    ['db.collection("users").find({ email: { |', '$exists', '$set'],
    ['db.collection("users").find({ email: { $|', '$regex', '$match'],
    ['db.collection("users").find({ |', '$or', '$gt'],
    ['db.collection("users").updateMany({}, { |', '$set', '$gt'],
    ['db.collection("users").updateMany({}, { $|', '$rename', '$match'],
    ['db.collection("users").updateMany({}, { $push: { tags: { |', '$each', '$set'],
    ['db.collection("users").updateMany({}, [{ |', '$replaceWith', '$group'],
    ['db.collection("users").aggregate([{ |', '$group', '$rename'],
    ['db.collection("users").aggregate([{ $group: { _id: 1, n: { |', '$sum', '$match'],
    ['db.collection("users").aggregate([{ $lookup: { |', 'foreignField', '$match'],
    ['db.collection("users").createIndex({ email: 1 }, { |', 'unique', '$set'],
    ['await db.createCollection("a", { |', 'validator', '$set'],
    ['await db.createCollection("a", { validator: { |', '$jsonSchema', '$gt'],
    ['await db.createCollection("a", { validator: { $jsonSchema: { |', 'required', '$gt'],
    [
      'await db.createCollection("a", { validator: { $jsonSchema: { properties: { x: { bsonType: "|',
      'objectId',
      'required',
    ],
  ])('belong to their place: %s', (text, wanted, unwanted) => {
    expect(labels(text)).toContain(wanted);
    expect(labels(text)).not.toContain(unwanted);
  });
});

it.each(['// db.collection("|', '/* db.| */', 'const a = /db.|/;', '`${db.|}`'])(
  'says nothing in comments, expressions and templates: %s',
  (text) => expect(labels(text)).toEqual([]),
);
