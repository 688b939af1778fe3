import { describe, expect, it } from 'vitest';
import { composeFile, findHalves, placeOf, withTransaction } from './halves';

const SQL = '-- by ada\n-- migrate:up\nCREATE TABLE a (\n  id int\n);\n\n-- migrate:down\nDROP TABLE a;\n';
const UP = 'CREATE TABLE a (\n  id int\n);';
const DOWN = 'DROP TABLE a;';
const JS = `module.exports = {
  async up(db) {
    await db.collection("a").insertOne({ x: 1 });

    await db.collection("b").drop();
  },
  async down(db) {
    await db.collection("a").drop();
  },
};
`;
const JS_UP = 'await db.collection("a").insertOne({ x: 1 });\n\nawait db.collection("b").drop();';

describe('where the halves stand', () => {
  it('in a dbmate file', () => {
    expect(findHalves(SQL, UP, DOWN)).toEqual({
      up: { line: 3, lines: 3, indent: '' },
      down: { line: 8, lines: 1, indent: '' },
    });
  });

  it('in a migrate-mongo file, without the indentation', () => {
    const { up, down } = findHalves(JS, JS_UP, 'await db.collection("a").drop();');
    expect(up).toEqual({ line: 3, lines: 3, indent: '    ' });
    expect(down).toMatchObject({ line: 8 });
  });

  it('tells two halves with the same text apart', () => {
    const found = findHalves(
      '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n',
      'SELECT 1;',
      'SELECT 1;',
    );
    expect([found.up?.line, found.down?.line]).toEqual([2, 4]);
  });

  it('knows where an empty half would go', () => {
    expect(findHalves('-- migrate:up\n\n-- migrate:down\n', '', '').down).toEqual({
      line: 4,
      lines: 0,
      indent: '',
    });
  });

  it('says so where a body is not there', () => {
    expect(findHalves(JS, 'something else', '')).toEqual({ up: null, down: null });
  });
});

describe('the whole file', () => {
  it.each([
    ['dbmate', SQL, UP, DOWN],
    ['migrate-mongo', JS, JS_UP, 'await db.collection("a").drop();'],
    ['CRLF', SQL.replaceAll('\n', '\r\n'), UP.replaceAll('\n', '\r\n'), DOWN],
  ])('is the same where nothing changed (%s)', (_name, content, up, down) => {
    const halves = findHalves(content, up, down);
    expect(composeFile(content, halves, { up, down }, { up, down })).toBe(content);
  });

  it('keeps everything around a half that changed', () => {
    const halves = findHalves(SQL, UP, DOWN);
    const after = composeFile(
      SQL,
      halves,
      { up: UP, down: DOWN },
      { up: 'SELECT 1;\nSELECT 2;', down: 'SELECT 3;' },
    );
    expect(after).toBe('-- by ada\n-- migrate:up\nSELECT 1;\nSELECT 2;\n\n-- migrate:down\nSELECT 3;\n');
  });

  it('indents a function as it was', () => {
    const halves = findHalves(JS, JS_UP, 'await db.collection("a").drop();');
    const before = { up: JS_UP, down: 'await db.collection("a").drop();' };
    expect(composeFile(JS, halves, before, { ...before, up: 'one();\ntwo();' })).toContain(
      '    one();\n    two();\n  },',
    );
  });

  it('is not made up where a half has no place', () => {
    expect(
      composeFile(JS, { up: null, down: null }, { up: 'a', down: '' }, { up: 'b', down: '' }),
    ).toBeNull();
  });

  it('sets and clears the transaction of both halves', () => {
    const without = withTransaction(SQL, false);
    expect(without.match(/transaction:false/g)).toHaveLength(2);
    expect(withTransaction(without, true)).toBe(SQL);
  });
});

describe('a line of the file', () => {
  const halves = findHalves(SQL, UP, DOWN);
  it.each([
    [4, { half: 'up', line: 2 }],
    [8, { half: 'down', line: 1 }],
    [99, { half: 'down', line: 1 }],
    [1, null],
  ])('%i', (line, place) => expect(placeOf(line, halves)).toEqual(place));
});
