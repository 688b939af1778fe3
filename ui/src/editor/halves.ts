/**
 * Where the halves of a file stand in it. The backend gives the bodies; here they are found again in the whole text, so
 * that lines can be counted in the file and the whole shown while the halves are edited. Pure.
 */

export interface Half {
  /** First line of the body in the file, from 1. */
  line: number;
  /** How many of the file's lines it takes. */
  lines: number;
  /** What stands before each line in the file (JavaScript bodies are shown without it). */
  indent: string;
}

export interface Halves {
  up: Half | null;
  down: Half | null;
}

const DIRECTIVE = { up: /^--[ \t]*migrate:up\b.*$/, down: /^--[ \t]*migrate:down\b.*$/ };
const linesOf = (text: string) => text.split(/\r\n|\r|\n/);

export function findHalves(content: string, up: string, down: string): Halves {
  const lines = linesOf(content);
  const first = findHalf(lines, up, 'up', 0);
  const after = first ? first.line - 1 + first.lines : 0;
  return {
    up: first,
    down: findHalf(lines, down, 'down', after) ?? (down.trim() ? findHalf(lines, down, 'down', 0) : null),
  };
}

function findHalf(lines: string[], body: string, half: 'up' | 'down', from: number): Half | null {
  const directive = lines.findIndex((line) => DIRECTIVE[half].test(line));
  if (!body.trim()) return directive < 0 ? null : { line: directive + 2, lines: 0, indent: '' };
  const wanted = linesOf(body);
  for (let at = Math.max(from, directive + 1); at + wanted.length <= lines.length; at += 1) {
    const indent = indentAt(lines, at, wanted);
    if (indent !== null) return { line: at + 1, lines: wanted.length, indent };
  }
  return null;
}

/** The indentation with which the wanted lines stand at this place, or null where they do not. */
function indentAt(lines: string[], at: number, wanted: string[]): string | null {
  const lead = wanted.findIndex((line) => line.trim());
  const shown = wanted[lead] ?? '';
  const found = lines[at + lead] ?? '';
  if (!found.trimEnd().endsWith(shown.trimEnd())) return null;
  const indent = found.slice(0, found.trimEnd().length - shown.trimEnd().length);
  if (indent.trim()) return null;
  const fits = wanted.every((line, row) => {
    const real = lines[at + row] ?? '';
    // The last line's trailing white space is not part of a body; lines of a template string keep their place.
    return line.trimEnd()
      ? [indent + line, line].some((one) => one.trimEnd() === real.trimEnd())
      : !real.trim();
  });
  return fits ? indent : null;
}

/** The whole file with its halves replaced, or null where a half that changed has no place in it. */
export function composeFile(
  content: string,
  halves: Halves,
  before: { up: string; down: string },
  after: { up: string; down: string },
): string | null {
  const newline = content.includes('\r\n') ? '\r\n' : '\n';
  const lines = linesOf(content);
  const edits = (['up', 'down'] as const)
    .filter((half) => before[half] !== after[half])
    .map((half) => ({ half: halves[half], text: after[half] }));
  if (edits.some((edit) => !edit.half)) return null;
  edits.sort((a, b) => (b.half?.line ?? 0) - (a.half?.line ?? 0));
  for (const { half, text } of edits) {
    if (!half) continue;
    const body = text.trimEnd() ? linesOf(text.trimEnd()) : [];
    const indented = body.map((line) => (line.trim() ? half.indent + line : ''));
    lines.splice(half.line - 1, half.lines, ...indented);
  }
  return lines.join(newline);
}

/** The transaction option of both directives, as the switch sets it. */
export function withTransaction(content: string, transaction: boolean): string {
  return content.replace(
    /^(--[ \t]*migrate:(?:up|down)\b)(.*)$/gm,
    (_line, head: string, options: string) => {
      const others = options.replace(/[ \t]+transaction:\S*/g, '').replace(/\s+$/, '');
      return `${head}${others}${transaction ? '' : ' transaction:false'}`;
    },
  );
}

/** Which half a line of the file stands in, and its line there. */
export function placeOf(line: number, halves: Halves): { half: 'up' | 'down'; line: number } | null {
  const found = (['down', 'up'] as const)
    .map((half) => ({ half, at: halves[half] }))
    .filter((one): one is { half: 'up' | 'down'; at: Half } => one.at !== null && line >= one.at.line - 1)
    .sort((a, b) => b.at.line - a.at.line)[0];
  if (!found) return null;
  return { half: found.half, line: Math.max(1, Math.min(line - found.at.line + 1, found.at.lines || 1)) };
}
