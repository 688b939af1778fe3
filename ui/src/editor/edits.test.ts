import { describe, expect, it } from 'vitest';
import type { Finding, TextEdit } from '../api/types.generated';
import { diagnosticsOf, markersByHalf } from './diagnostics';
import { applyEdits, editHalves, safeFormEdit, suppressEdit } from './edits';
import { findHalves } from './halves';

const edit = (line: number, column: number, endLine: number, endColumn: number, text: string): TextEdit => ({
  line,
  column,
  end_line: endLine,
  end_column: endColumn,
  text,
});

const aFinding = (change: Partial<Finding> = {}): Finding => ({
  code: 'drop-table',
  severity: 'high',
  title: 'Table dropped',
  message: 'The rows are gone.',
  line: 3,
  column: 1,
  end_line: 3,
  end_column: 16,
  direction: 'up',
  statement: 'DROP TABLE logs',
  safe_form: 'ALTER TABLE logs RENAME TO logs_old;',
  advice: 'Rename it first.',
  fixes: [],
  docs: '',
  confirm: false,
  unknown: false,
  source: '',
  engine: 'postgres',
  ...change,
});

const UP = 'CREATE INDEX i ON t (a);\nDROP TABLE logs;';
const DOWN = 'DROP INDEX i;';
const FILE = `-- migrate:up\n${UP}\n\n-- migrate:down\n${DOWN}\n`;
const HALVES = findHalves(FILE, UP, DOWN);

describe('edits of a text', () => {
  it('are all made at the places of the text before', () =>
    expect(
      applyEdits('one\ntwo\nthree', [
        edit(1, 1, 1, 4, 'ONE!'),
        edit(3, 1, 3, 1, '-- '),
        edit(2, 1, 3, 1, ''),
      ]),
    ).toBe('ONE!\n-- three'));

  it('keep the line ends of Windows', () =>
    expect(applyEdits('one\r\ntwo\r\n', [edit(2, 1, 2, 4, 'TWO')])).toBe('one\r\nTWO\r\n'));

  it('stay inside the text', () => expect(applyEdits('one', [edit(9, 1, 9, 9, '!')])).toBe('one!'));
});

describe('edits of a file made in its halves', () => {
  it('change the half they stand in', () =>
    expect(
      editHalves(FILE, HALVES, { up: UP, down: DOWN }, [
        edit(2, 1, 3, 1, ''),
        edit(6, 1, 6, 14, 'SELECT 1;'),
      ]),
    ).toEqual({
      view: 'split',
      up: 'DROP TABLE logs;',
      down: 'SELECT 1;',
    }));

  it('turn the transaction off where that is what the directives say', () => {
    const off = [edit(1, 14, 1, 14, ' transaction:false'), edit(5, 16, 5, 16, ' transaction:false')];
    expect(editHalves(FILE, HALVES, { up: UP, down: DOWN }, off)).toMatchObject({
      view: 'split',
      transaction: false,
    });
  });

  it('show the whole file where one stands outside of them', () =>
    expect(editHalves(FILE, HALVES, { up: UP, down: DOWN }, [edit(1, 1, 1, 1, '-- head\n')])).toEqual({
      view: 'raw',
      content: `-- head\n${FILE}`,
    }));

  it('leave out the indentation of a JavaScript file', () => {
    const up = 'await db.collection("a").drop();';
    const file = `module.exports = {\n  async up(db) {\n    ${up}\n  },\n};\n`;
    const halves = findHalves(file, up, '');
    const hidden = editHalves(file, halves, { up, down: '' }, [edit(3, 5, 3, 5, '// first\n    ')]);
    expect(hidden).toMatchObject({ view: 'split', up: `// first\n${up}` });
  });
});

describe('switching a rule off', () => {
  const made = (change: Partial<Finding>, content = FILE, js = false) =>
    applyEdits(content, [suppressEdit(content, aFinding(change), 'agreed\nin March */', HALVES, js)]);

  it('writes a comment over the statement, with the reason', () =>
    expect(made({})).toContain(
      '(a);\n-- dbtoolkit:ignore drop-table: agreed in March * /\nDROP TABLE logs;',
    ));

  it('writes it inside the line where another statement stands before', () =>
    expect(made({ column: 11 }, FILE.replace('DROP TABLE', 'SELECT 1; DROP TABLE'))).toContain(
      'SELECT 1; /* dbtoolkit:ignore drop-table: agreed in March * / */ DROP TABLE logs;',
    ));

  it('writes it in the head for what is said of the file', () =>
    expect(made({ direction: null, line: 1, statement: '' })).toMatch(/^-- dbtoolkit:ignore drop-table: /));

  it('writes it before the first statement for what is said of a half', () =>
    expect(made({ direction: 'down', line: 5, statement: '' })).toContain(
      'down\n-- dbtoolkit:ignore drop-table',
    ));

  it('writes JavaScript’s comment', () => expect(made({}, FILE, true)).toContain('// dbtoolkit:ignore'));
});

describe('the safe form in the statement’s place', () => {
  it('takes the semicolon that is there', () => {
    const place = safeFormEdit(FILE, aFinding({ column: 6 }));
    expect(place && applyEdits(FILE, [place])).toContain('(a);\nALTER TABLE logs RENAME TO logs_old;\n\n--');
  });

  it.each([{ statement: 'DROP TABLE other' }, { statement: 'x'.repeat(2000) }, { safe_form: null }])(
    'is not offered where it has no place: %#',
    (change) => expect(safeFormEdit(FILE, aFinding(change))).toBeNull(),
  );
});

describe('what is said of a file', () => {
  const problem = { code: 'no_down', message: 'No down.', line: null, column: null, severity: 'warning' };

  it('is one list, the worst first', () =>
    expect(
      diagnosticsOf({
        problems: [problem],
        findings: [
          aFinding({ severity: 'low', line: 2 }),
          aFinding({ severity: 'critical' }),
          aFinding({ severity: 'critical' }),
        ],
      }).map((one) => one.level),
    ).toEqual(['critical', 'warning', 'low']));

  it('stands under the text of its half, in its lines', () => {
    const list = diagnosticsOf({
      problems: [problem],
      findings: [aFinding(), aFinding({ direction: 'down', line: 6, end_line: 6 })],
    });
    const { up, down } = markersByHalf(list, HALVES);
    expect(up.map((one) => [one.line, one.column, one.endColumn])).toEqual([[2, 1, 16]]);
    expect(down.map((one) => one.line)).toEqual([1]);
  });
});
