import { describe, expect, it } from 'vitest';
import type { Diagnostic } from './diagnostics';
import { choiceOf, renewed, stepFrom } from './walk';

const at = (line: number | null, code = 'drop-table', message = 'gone', column = 1): Diagnostic => ({
  id: `rule ${code} ${line} ${column} ${message}`,
  level: 'high',
  code,
  message,
  line,
  column,
  endLine: line,
  endColumn: null,
  finding: null,
});

describe('the chosen finding, when the findings are renewed', () => {
  const first = at(2);
  const other = at(9);
  const choice = choiceOf(first, [first, other]);

  it('is itself where it is still there', () => {
    expect(renewed(choice, [other, at(2), at(3)])).toEqual(first);
  });

  it('is the nearest of its code where its words or its line changed', () => {
    expect(renewed(choice, [at(2, 'drop-table', '40 rows gone'), other])?.message).toBe('40 rows gone');
    expect(renewed(choice, [at(30), at(4), other])?.line).toBe(4);
  });

  it('is never one that stood beside it', () => {
    expect(renewed(choice, [other])).toBeNull();
  });

  it('is what the line holds now, where its code is no longer there', () => {
    expect(renewed(choice, [at(5, 'truncate'), at(2, 'truncate'), other])?.line).toBe(2);
    expect(renewed(choice, [at(5, 'truncate'), other])).toBeNull();
  });
});

describe('a step', () => {
  const list = [at(9), at(null), at(2), at(5), at(2, 'truncate', 'gone', 8)];
  const from = (chosen: Diagnostic | null, gone: Diagnostic | null, line: number) => ({ chosen, gone, line });

  it('goes in the order of the file and round its ends', () => {
    expect(stepFrom(list, 1, from(at(5), null, 1))?.line).toBe(9);
    expect(stepFrom(list, 1, from(at(9), null, 1))?.line).toBe(2);
    expect(stepFrom(list, -1, from(at(2), null, 1))?.line).toBe(9);
  });

  it('begins at the cursor', () => {
    expect(stepFrom(list, 1, from(null, null, 3))?.line).toBe(5);
    expect(stepFrom(list, -1, from(null, null, 3))?.line).toBe(2);
    expect(stepFrom(list, 1, from(null, null, 99))?.line).toBe(2);
    expect(stepFrom([], 1, from(null, null, 1))).toBeNull();
  });

  it('goes on from where the chosen one stood, unless the cursor is elsewhere', () => {
    const gone = at(2, 'drop-column', 'gone', 4);
    expect(stepFrom(list, 1, from(null, gone, 2))?.column).toBe(8);
    expect(stepFrom(list, -1, from(null, gone, 2))).toEqual(at(2));
    expect(stepFrom(list, 1, from(null, gone, 5))?.line).toBe(5);
  });
});
