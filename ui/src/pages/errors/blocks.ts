/** An entry of the catalogue as blocks of prose. Pure. */
import type { ErrorEntry } from '../../api/errors';
import { readBlocks } from '../../components/Prose';
import { engineLabel } from './words';

export function blocksOf(entry: ErrorEntry, labels: Map<string, { label: string; does: string }>) {
  const lines = [
    entry.means,
    '',
    '## Why it comes about',
    '',
    ...entry.causes.map((cause) => `- ${cause}`),
    '',
  ];
  lines.push('## What to do', '', entry.advice, '');
  const fixes = entry.fixes.flatMap((code) => labels.get(code) ?? []);
  if (fixes.length > 0) lines.push(...fixes.map(({ label, does }) => `- ${label}: ${lower(does)}`), '');
  if (entry.data) lines.push('## What it means for your data', '', entry.data, '');
  const engines = Object.entries(entry.engines ?? {});
  if (engines.length > 0)
    lines.push(
      '## For one database',
      '',
      ...engines.map(([name, said]) => `- ${engineLabel(name)}: ${said}`),
    );
  return readBlocks(lines.join('\n'));
}

const lower = (sentence: string) => sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
