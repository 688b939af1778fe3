/** What is said of a file: problems of its form and findings of the risk rules, in one list. Pure. */
import type { FileProblem, FileReport, Finding } from '../api/types.generated';
import { type Level, rankOf } from '../components/SeverityBadge';
import { type Halves, placeOf } from './halves';

export interface Diagnostic {
  id: string;
  level: Level;
  code: string;
  message: string;
  /** In the file, from 1; null: about the file as a whole. */
  line: number | null;
  column: number | null;
  endLine: number | null;
  endColumn: number | null;
  /** Null for a problem of the file's form. */
  finding: Finding | null;
}

export function ofProblem(problem: FileProblem): Diagnostic {
  return {
    id: `form ${problem.code} ${problem.line} ${problem.column} ${problem.message}`,
    level: problem.severity === 'error' ? 'error' : 'warning',
    code: problem.code,
    message: problem.message,
    line: problem.line,
    column: problem.column,
    endLine: problem.line,
    endColumn: null,
    finding: null,
  };
}

export function ofFinding(finding: Finding): Diagnostic {
  return {
    id: `rule ${finding.code} ${finding.direction} ${finding.line} ${finding.column} ${finding.message}`,
    level: finding.severity,
    code: finding.code,
    message: finding.message,
    line: finding.line,
    column: finding.column,
    endLine: finding.end_line,
    endColumn: finding.end_column,
    finding,
  };
}

/** The worst first, then as they stand in the file. The same said twice is said once. */
export function diagnosticsOf(report: Pick<FileReport, 'problems' | 'findings'>): Diagnostic[] {
  const all = [...report.problems.map(ofProblem), ...report.findings.map(ofFinding)];
  const seen = new Map(all.map((one) => [one.id, one]));
  return [...seen.values()].sort(
    (a, b) =>
      rankOf(a.level) - rankOf(b.level) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** A line under the text, in the coordinates of one editor. */
export interface Marker {
  id: string;
  level: Level;
  code: string;
  message: string;
  line: number;
  column: number | null;
  endLine: number;
  endColumn: number | null;
}

const markerAt = (one: Diagnostic, line: number, endLine: number, indent: number): Marker => ({
  id: one.id,
  level: one.level,
  code: one.code,
  message: one.finding?.advice ? `${one.message}\n${one.finding.advice}` : one.message,
  line,
  column: one.column === null ? null : Math.max(1, one.column - indent),
  endLine,
  endColumn: one.endColumn === null ? null : Math.max(1, one.endColumn - indent),
});

/** The markers of the whole file. */
export const markersOf = (diagnostics: Diagnostic[]): Marker[] =>
  diagnostics
    .filter((one) => one.line !== null)
    .map((one) => markerAt(one, one.line ?? 1, one.endLine ?? one.line ?? 1, 0));

/** The markers of each half, their lines counted there. What is about the file as a whole has none. */
export function markersByHalf(diagnostics: Diagnostic[], halves: Halves): Record<'up' | 'down', Marker[]> {
  const found: Record<'up' | 'down', Marker[]> = { up: [], down: [] };
  for (const one of diagnostics) {
    const place = one.line === null ? null : placeIn(one.line, halves);
    if (!place) continue;
    const lines = (one.endLine ?? one.line ?? 0) - (one.line ?? 0);
    found[place.half].push(markerAt(one, place.line, place.line + lines, place.indent));
  }
  return found;
}

/** Where a line of the file stands in its halves. */
export function placeIn(line: number, halves: Halves) {
  const place = placeOf(line, halves);
  return place && { ...place, indent: halves[place.half]?.indent.length ?? 0 };
}
