/** Which finding is the chosen one: kept when the findings are renewed, and followed by the next. Pure. */
import type { Diagnostic } from './diagnostics';

/** A finding, and those it stood among when it was chosen. */
export interface Choice {
  one: Diagnostic;
  among: ReadonlySet<string>;
}

export const choiceOf = (one: Diagnostic, list: readonly Diagnostic[]): Choice => ({
  one,
  among: new Set(list.map(({ id }) => id)),
});

/**
 * The chosen finding in a renewed list: itself; else the nearest of its code; else another in its line, the worst
 * first as in the list. One that stood beside it before is another finding, never what became of it.
 * Null where it is gone.
 */
export function renewed(choice: Choice, list: readonly Diagnostic[]): Diagnostic | null {
  const same = list.find(({ id }) => id === choice.one.id);
  if (same) return same;
  const before = choice.one;
  const fresh = list.filter(({ id }) => !choice.among.has(id));
  const ofItsCode = fresh.filter(
    (one) => one.code === before.code && one.finding?.direction === before.finding?.direction,
  );
  const [nearest] = ofItsCode.sort((a, b) => distance(a, before) - distance(b, before));
  return nearest ?? fresh.find((one) => one.line !== null && one.line === before.line) ?? null;
}

/** A column weighs less than a line; the statement's own text decides between equals. */
function distance(one: Diagnostic, from: Diagnostic): number {
  const lines = Math.abs((one.line ?? 0) - (from.line ?? 0));
  const columns = Math.min(999, Math.abs((one.column ?? 0) - (from.column ?? 0)));
  const isOther = one.finding?.statement !== from.finding?.statement;
  return lines * 10_000 + columns * 10 + (isOther ? 1 : 0);
}

/** As they stand in the file; what is about the file as a whole has no place. */
export const inOrder = (list: readonly Diagnostic[]): Diagnostic[] =>
  list.filter((one) => one.line !== null).sort(byPlace);

/**
 * The finding a step on, round the ends of the file: from the chosen one; from where it stood, if it is gone and the
 * cursor is still there; or from the line of the cursor.
 */
export function stepFrom(
  list: readonly Diagnostic[],
  step: 1 | -1,
  from: { chosen: Diagnostic | null; gone: Diagnostic | null; line: number },
): Diagnostic | null {
  const places = inOrder(list);
  const at = places.findIndex(({ id }) => id === from.chosen?.id);
  if (at >= 0) return places.at((at + step) % places.length) ?? null;
  const isPast = (one: Diagnostic) =>
    from.gone?.line === from.line
      ? byPlace(one, from.gone) * step >= 0
      : ((one.line ?? 0) - from.line) * step >= 0;
  const next = step > 0 ? places.find(isPast) : places.findLast(isPast);
  return next ?? places.at(step > 0 ? 0 : -1) ?? null;
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
