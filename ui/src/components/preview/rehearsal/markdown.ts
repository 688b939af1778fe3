/** A rehearsal as Markdown, for a review or a ticket. Pure. */
import type { HeldLock, Rehearsal, RehearsedStatement } from '../../../api/types.generated';
import { formatBytes, formatDuration } from '../../../lib/format';
import { blocksText, firstLineOf, verdictWords } from '../words';

const STEPS = { up: 'Up', down: 'Down', again: 'Up again' };

/** Text in a cell of a table. */
const cell = (text: string) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
const code = (text: string) => `\`${cell(text).replaceAll('`', 'ˋ')}\``;

const lockText = (one: HeldLock) => `${one.mode} on ${one.object} (${blocksText(one)})`;

function row(one: RehearsedStatement): string {
  const locks =
    one.locks === null
      ? 'unknown'
      : one.locks
          .filter((lock) => lock.new)
          .map(lockText)
          .join('; ') || 'none';
  const rewrites =
    one.rewrites === null ? 'unknown' : one.rewrites.map((each) => each.table).join(', ') || 'none';
  const more = [
    one.algorithm,
    one.plan?.stage,
    one.bytes_written !== null && `${formatBytes(one.bytes_written)} written`,
    !one.ok && 'failed',
    ...one.warnings,
  ].filter(Boolean);
  const cells = [
    code(firstLineOf(one.text)),
    formatDuration(one.duration_ms) ?? 'unknown',
    one.rows === null ? 'unknown' : String(one.rows),
    cell(locks),
    cell(rewrites),
    cell(more.join('; ')),
  ];
  return `| ${cells.join(' | ')} |`;
}

export function markdownOf(rehearsal: Rehearsal, target: string): string {
  const { scratch, files, verdict } = rehearsal;
  const lines = [
    `# Rehearsal for ${target}: ${verdictWords(verdict).word}`,
    '',
    verdictWords(verdict).means,
    '',
    `On ${scratch.label}, ${rehearsal.finished_at}, ${formatDuration(rehearsal.duration_ms)}. Rows: ${rehearsal.rows}.`,
    ...[...rehearsal.problems, ...scratch.missing].map((one) => `- ${one}`),
  ];
  for (const file of files) {
    lines.push(
      '',
      `## ${file.filename}: ${verdictWords(file.verdict).word}`,
      '',
      `sha256 ${file.sha256}`,
      '',
    );
    lines.push(...file.reasons.map((one) => `- ${one}`));
    for (const pass of file.passes) {
      lines.push('', `### ${STEPS[pass.step]}${pass.ok ? '' : ' (failed)'}`, '');
      if (pass.statements.length === 0) continue;
      lines.push('| Statement | Time | Rows | Locks | Rewrites | |', '|---|---|---|---|---|---|');
      lines.push(...pass.statements.map(row));
    }
    if (file.left.length > 0)
      lines.push(
        '',
        'Left different by down:',
        ...file.left.map((one) => `- ${one.change}: ${code(one.id)}`),
      );
    if (file.rows_lost.length > 0)
      lines.push(
        '',
        'Rows lost:',
        ...file.rows_lost.map(
          (one) => `- ${code(one.column ? `${one.table}.${one.column}` : one.table)}: ${one.detail}`,
        ),
      );
  }
  return `${lines.join('\n')}\n`;
}
