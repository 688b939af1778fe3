/** Changes to a file by line and column (both from 1, the end exclusive), also where its halves are edited. Pure. */
import type { Finding, TextEdit } from '../api/types.generated';
import { type Half, type Halves, withTransaction } from './halves';

/** Where each line begins. */
function startsOf(text: string): number[] {
  const starts = [0];
  for (const found of text.matchAll(/\r\n|\r|\n/g)) starts.push(found.index + found[0].length);
  return starts;
}

function offsetIn(text: string, starts: number[], line: number, column: number): number {
  const start = starts[line - 1];
  if (start === undefined) return text.length;
  const end = starts[line] ?? text.length;
  return Math.min(start + Math.max(1, column) - 1, end);
}

/** The offset of a place, no further than its line. */
export const offsetOf = (text: string, line: number, column: number) =>
  offsetIn(text, startsOf(text), line, column);

/** The text with all edits made. They never overlap. */
export function applyEdits(text: string, edits: TextEdit[]): string {
  const starts = startsOf(text);
  return edits
    .map((one) => ({
      from: offsetIn(text, starts, one.line, one.column),
      to: offsetIn(text, starts, one.end_line, one.end_column),
      text: one.text,
    }))
    .sort((a, b) => b.from - a.from || b.to - a.to)
    .reduce((now, one) => now.slice(0, one.from) + one.text + now.slice(one.to), text);
}

export interface Halved {
  up: string;
  down: string;
}

export type Edited =
  | { view: 'split'; up: string; down: string; transaction?: boolean }
  | { view: 'raw'; content: string };

/** Edits of the file made in its halves; as the whole file where one stands outside of them. */
export function editHalves(content: string, halves: Halves, texts: Halved, edits: TextEdit[]): Edited {
  const changed = { up: texts.up, down: texts.down };
  const inside: Record<'up' | 'down', TextEdit[]> = { up: [], down: [] };
  const outside: TextEdit[] = [];
  for (const edit of edits) {
    const name = (['up', 'down'] as const).find((one) => stands(edit, halves[one]));
    const half = name && halves[name];
    if (name && half) inside[name].push(inHalf(edit, half));
    else outside.push(edit);
  }
  for (const name of ['up', 'down'] as const)
    if (inside[name].length > 0) changed[name] = applyEdits(texts[name], inside[name]);
  if (outside.length === 0) return { view: 'split', ...changed };
  if (applyEdits(content, outside) === withTransaction(content, false))
    return { view: 'split', ...changed, transaction: false };
  return { view: 'raw', content: applyEdits(content, edits) };
}

const stands = (edit: TextEdit, half: Half | null) =>
  half !== null && edit.line >= half.line && edit.end_line <= half.line + Math.max(1, half.lines);

function inHalf(edit: TextEdit, { line, indent }: Half): TextEdit {
  const column = (at: number) => Math.max(1, at - indent.length);
  return {
    line: edit.line - line + 1,
    column: column(edit.column),
    end_line: edit.end_line - line + 1,
    end_column: column(edit.end_column),
    // The halves of a JavaScript file are shown without its indentation.
    text: indent ? edit.text.replaceAll(`\n${indent}`, '\n') : edit.text,
  };
}

/** The comment that switches a rule off where it was found. */
export function suppressEdit(
  content: string,
  finding: Pick<Finding, 'code' | 'line' | 'column' | 'direction' | 'statement'>,
  reason: string,
  halves: Halves,
  isJavaScript: boolean,
): TextEdit {
  const said = `dbtoolkit:ignore ${finding.code}: ${reason.replace(/\s+/g, ' ').replaceAll('*/', '* /').trim()}`;
  const half = finding.direction ? halves[finding.direction] : null;
  // Said of the whole file: in its head. Said of a half: before its first statement.
  const line = half ? (finding.statement ? finding.line : half.line) : finding.direction ? finding.line : 1;
  const start = offsetOf(content, line, 1);
  const before = content.slice(start, offsetOf(content, line, finding.column));
  if (finding.statement && before.includes(';')) return insertAt(line, finding.column, `/* ${said} */ `);
  const indent = /^[ \t]*/.exec(content.slice(start))?.[0] ?? '';
  return insertAt(line, 1, `${indent}${isJavaScript ? '//' : '--'} ${said}\n`);
}

const insertAt = (line: number, column: number, text: string): TextEdit => ({
  line,
  column,
  end_line: line,
  end_column: column,
  text,
});

// The backend sends no more of a statement than this.
const STATEMENT_CHARACTERS = 2000;

/** The safe form in the statement's place; null where the statement cannot be found whole. */
export function safeFormEdit(content: string, finding: Finding): TextEdit | null {
  const { statement, safe_form: safe } = finding;
  if (!safe || !statement || statement.length >= STATEMENT_CHARACTERS) return null;
  const at = offsetOf(content, finding.line, finding.column);
  const start = content.lastIndexOf(statement, at);
  if (start < 0 || start + statement.length < at) return null;
  const end = start + statement.length;
  const text = content[end] === ';' ? safe.replace(/;\s*$/, '') : safe;
  // A call is found without its `await`; the safe form brings its own.
  const awaits = /^await\s/.test(safe) ? (/\bawait\s+$/.exec(content.slice(0, start))?.[0].length ?? 0) : 0;
  const from = placeOfOffset(content, start - awaits);
  const to = placeOfOffset(content, end);
  return { line: from.line, column: from.column, end_line: to.line, end_column: to.column, text };
}

function placeOfOffset(text: string, offset: number) {
  const starts = startsOf(text);
  const line = starts.findLastIndex((start) => start <= offset) + 1;
  return { line, column: offset - (starts[line - 1] ?? 0) + 1 };
}
