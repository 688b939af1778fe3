/** What a preview and a rehearsal say, in words that claim no more than is known. Pure. */
import type {
  AffectedObject,
  DownCheck,
  Estimate,
  ExpectedLock,
  HeldLock,
  MatchingRows,
  ObjectCount,
  Verdict,
} from '../../api/types.generated';
import { formatCount, formatDuration, plural } from '../../lib/format';

export type Tone = 'green' | 'amber' | 'red' | 'blue' | 'violet' | 'gray';

const MANY: Record<string, string> = { index: 'indexes', policy: 'policies', dictionary: 'dictionaries' };

/** "3 indexes". */
export const pluralKind = (count: number, kind: string) => plural(count, kind, MANY[kind] ?? `${kind}s`);

export interface Count {
  sign: '+' | '−' | '~';
  tone: Tone;
  text: string;
  /** For those who hear it. */
  spoken: string;
}

/** `+1 table`, `−2 columns`, `~1 view`, as one part each. */
export function countsOf(counts: ObjectCount[]): Count[] {
  return counts.flatMap(({ kind, added, removed, changed }) => [
    ...(added ? [part('+', 'green', added, kind, 'added')] : []),
    ...(removed ? [part('−', 'red', removed, kind, 'removed')] : []),
    ...(changed ? [part('~', 'amber', changed, kind, 'changed')] : []),
  ]);
}

const part = (sign: Count['sign'], tone: Tone, count: number, kind: string, word: string): Count => ({
  sign,
  tone,
  text: pluralKind(count, kind),
  spoken: `${pluralKind(count, kind)} ${word}`,
});

/** "0.2 ms – 1.4 s"; null where nothing tells. */
export function estimateText({ low_ms, high_ms }: Estimate): string | null {
  if (low_ms === null && high_ms === null) return null;
  const low = formatDuration(low_ms ?? 0);
  const high = formatDuration(high_ms);
  if (high === null) return `${low} or more`;
  return low === high ? `about ${high}` : `${low} – ${high}`;
}

const SOURCES: Record<Estimate['source'], string> = {
  history: 'From past runs',
  size: 'From the sizes in the catalog',
  constant: 'Depends on no size',
  unknown: 'Not known',
};

export const basisText = ({ source, basis }: Estimate) => (basis ? basis : `${SOURCES[source]}.`);

const SIGNS: Record<AffectedObject['change'], { sign: string; word: string; tone: Tone }> = {
  add: { sign: '+', word: 'adds', tone: 'green' },
  remove: { sign: '−', word: 'removes', tone: 'red' },
  change: { sign: '~', word: 'changes', tone: 'amber' },
  rows: { sign: '≡', word: 'changes rows of', tone: 'blue' },
};

export const signOf = (change: AffectedObject['change']) => SIGNS[change];

type AnyLock = Pick<ExpectedLock | HeldLock, 'blocks'> & { certain?: boolean };

const rank = ({ blocks, certain = true }: AnyLock) =>
  // What is sure to block comes before what may.
  (certain && blocks.length > 0 ? 8 : 0) +
  (blocks.includes('reads') ? 4 : 0) +
  (blocks.includes('writes') ? 2 : 0) +
  blocks.length / 10;

/** The lock that stands in most people's way. */
export const worstLock = <L extends AnyLock>(locks: L[]): L | null =>
  locks.reduce<L | null>((worst, one) => (worst === null || rank(one) > rank(worst) ? one : worst), null);

/** "blocks reads and writes", "blocks nothing". */
export function blocksText({ blocks, certain = true }: AnyLock): string {
  const verb = certain ? 'blocks' : 'may block';
  if (blocks.length === 0) return `${verb} nothing`;
  const [last, ...before] = [...blocks].reverse();
  return `${verb} ${before.length > 0 ? `${before.reverse().join(', ')} and ${last}` : last}`;
}

export const lockTone = ({ blocks, certain = true }: AnyLock): Tone =>
  certain && blocks.includes('reads') ? 'red' : blocks.includes('writes') ? 'amber' : 'gray';

/** "matches 12 of about 10,000 rows". */
export function rowsText({ count, at_least, total, total_is_estimate }: MatchingRows): string {
  if (count === null) return 'rows not counted';
  const of = total === null ? '' : ` of ${total_is_estimate ? 'about ' : ''}${formatCount(total)}`;
  return `matches ${formatCount(count)}${at_least ? ' or more' : ''}${of} ${of || count !== 1 ? 'rows' : 'row'} now`;
}

interface Said {
  word: string;
  tone: Tone;
  /** What it means, in one sentence. */
  means: string;
}

const VERDICTS: Record<Verdict, Said> = {
  reversible: {
    word: 'Reversible',
    tone: 'green',
    means: 'Down brought the schema and the rows back, and up ran again to the same schema.',
  },
  schema_only: {
    word: 'Schema only',
    tone: 'blue',
    means: 'The schema came back; no rows were there to tell whether they would.',
  },
  lossy: { word: 'Lossy', tone: 'amber', means: 'The schema came back; rows or values did not.' },
  broken: {
    word: 'Broken',
    tone: 'red',
    means: 'Down failed or left another schema than before, or up could not run again.',
  },
  no_down: { word: 'No down', tone: 'amber', means: 'Up ran; nothing is there to undo it.' },
  failed: { word: 'Up failed', tone: 'red', means: 'Up did not run to its end.' },
  stopped: { word: 'Stopped', tone: 'gray', means: 'It was ended before all was known.' },
};

export const verdictWords = (verdict: Verdict) => VERDICTS[verdict];

const DOWNS: Record<DownCheck['verdict'], Said> = {
  restores: { word: 'Undoes it', tone: 'green', means: 'Down undoes everything that up does.' },
  schema_only: {
    word: 'Schema only',
    tone: 'amber',
    means: 'Down brings the objects back, but not what was in them.',
  },
  partly: { word: 'Partly', tone: 'red', means: 'Down leaves something of up behind.' },
  missing: { word: 'No down', tone: 'red', means: 'There is no down: it cannot be rolled back.' },
  invalid: { word: 'Not valid', tone: 'red', means: 'The down cannot run as it is written.' },
  unknown: {
    word: 'Unknown',
    tone: 'violet',
    means: 'Whether down undoes it is not known: not every statement was understood.',
  },
};

export const downWords = (verdict: DownCheck['verdict']) => DOWNS[verdict];

/** The first line that says something, for a row. */
export const firstLineOf = (text: string) => {
  const lines = text.trim().split('\n');
  const line = lines.find((one) => !/^\s*(--|\/\/|\/\*)/.test(one)) ?? lines[0] ?? '';
  return line.trim();
};
