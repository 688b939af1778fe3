import { expect, test } from 'vitest';
import { render } from './render-types.mjs';

const channel = (name, request, answer) => ({
  channel: name,
  summary: 'Does it.',
  job: false,
  request,
  answer,
});
const object = (title, properties, required = [], more = {}) => ({
  type: 'object',
  title,
  properties,
  required,
  ...more,
});

test('what has a default may be left out of a request, and is always in an answer', () => {
  const text = render([
    channel(
      'a:b',
      object(
        'Request',
        { name: { type: 'string' }, count: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
        ['name'],
      ),
      object('Thing', { id: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } }, ['id']),
    ),
  ]);
  expect(text).toContain(
    'request: {\n      name: string;\n      count?: number | null;\n    };\n    answer: Thing;',
  );
  expect(text).toContain('export interface Thing {\n  id: string;\n  tags: Array<string>;\n}');
});

test('a shared model is one type; in requests it is another', () => {
  const defs = {
    $defs: { Key: object('Key', { field: { type: 'string' }, kind: { type: 'integer' } }, ['field']) },
  };
  const keys = { keys: { type: 'array', items: { $ref: '#/$defs/Key' } } };
  const text = render([channel('a:b', object('R', keys, ['keys'], defs), object('A', keys, ['keys'], defs))]);
  expect(text).toContain('export interface KeyInput {\n  field: string;\n  kind?: number;\n}');
  expect(text).toContain('export interface Key {\n  field: string;\n  kind: number;\n}');
});

test('two answers of one name that differ are not mixed up', () => {
  const text = render([
    channel('a:b', object('R', {}), object('State', { exists: { type: 'boolean' } })),
    channel('c:d', object('R', {}), object('State', { count: { type: 'integer' } })),
  ]);
  expect(text).toContain('answer: State;');
  expect(text).toContain('answer: {\n      count: number;\n    };');
});
