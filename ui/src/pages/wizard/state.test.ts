import { describe, expect, it } from 'vitest';
import type { TemplateField } from '../../api/types.generated';
import { defaultShown, messageOfField, parseScalar, printScalar, toRequest } from './fields/values';
import { decodeState, EMPTY, isStarted } from './state';

const field = (kind: TemplateField['kind'], change: Partial<TemplateField> = {}): TemplateField => ({
  name: 'x',
  kind,
  label: 'X',
  help: null,
  required: true,
  default: null,
  example: null,
  of: null,
  choices: [],
  ...change,
});

describe('typed values', () => {
  it.each([
    ['12', 12],
    ['-1.5', -1.5],
    ['true', true],
    ['null', null],
    ['"12"', '12'],
    ['007', '007'],
    ['12345678901234567890', '12345678901234567890'],
    ['hello', 'hello'],
    ['{"a":1}', '{"a":1}'],
  ])('%s', (text, value) => {
    expect(parseScalar(text)).toBe(value);
    expect(parseScalar(printScalar(value))).toBe(value);
  });
});

describe('what is sent', () => {
  it.each([
    ['text', '', ''],
    ['name', '', undefined],
    ['value', 'null', null],
    ['values', ['1', 'a'], [1, 'a']],
    ['number', 5, 5],
    ['boolean', false, false],
  ] as const)('%s %j', (kind, value, sent) =>
    expect(toRequest([field(kind)], { x: value })).toEqual(sent === undefined ? {} : { x: sent }),
  );

  it('makes rows of a grid, leaves out empty ones, and takes an empty place for NULL', () => {
    const grid = {
      columns: ['id', 'name', ''],
      rows: [
        ['1', 'Ada', 'lost'],
        ['', '', ''],
        ['2', '', ''],
      ],
    };
    expect(toRequest([field('rows')], { x: grid })).toEqual({
      x: [
        { id: 1, name: 'Ada' },
        { id: 2, name: null },
      ],
    });
  });

  it('leaves out columns that say nothing', () => {
    const row = { name: 'a', type: 'int', nullable: true, default: ' ', primary_key: false };
    expect(toRequest([field('column-list')], { x: [row, { ...row, name: '', type: '' }] })).toEqual({
      x: [{ ...row, default: null }],
    });
  });
});

describe('words', () => {
  it('fills the other fields into a default name, once they are there', () => {
    const index = field('name', { default: '{{table}}_{{columns}}_idx' });
    expect(defaultShown(index, { table: 'orders' })).toBeNull();
    expect(
      defaultShown(index, {
        table: 'orders',
        columns: [
          { name: 'a', descending: true },
          { name: 'b', descending: false },
        ],
      }),
    ).toBe('orders_a_b_idx');
  });

  it('says the field’s part of an error', () =>
    expect(messageOfField('add_column: the field column: the name is empty.')).toBe('The name is empty.'));
});

describe('drafts', () => {
  it('are read back, and those that make no sense are not', () => {
    const state = { ...EMPTY, template: 'add_column', step: 'describe' as const, name: 'x' };
    expect(decodeState(JSON.stringify(state))).toEqual(state);
    expect(decodeState('{"step":"elsewhere"}')).toBeNull();
    expect(decodeState('nonsense')).toBeNull();
    expect(decodeState('{"step":"review"}')?.step).toBe('start');
    expect(isStarted(EMPTY)).toBe(false);
    expect(isStarted(state)).toBe(true);
  });
});
