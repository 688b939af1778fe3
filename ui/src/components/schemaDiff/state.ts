/** One comparison with everything that follows from it. It outlives the page, so that going elsewhere loses nothing. */
import { type Answer, asChannelError, type ChannelError, type Request } from '../../api/invoke';
import { cancelJob, runJob } from '../../api/jobs';
import type { Connection, Drift, GeneratedFile, JobChannel, Proof } from '../../api/types.generated';
import { createStore, useStore } from '../../lib/store';
import { APPLIED, type Comparison, type Generated, LIVE, requestOf, type Side } from './sides';
import { includeOf } from './tree';

export type Style = 'plain' | 'online';
export type Busy = { what: 'compare' | 'generate' | 'prove' | 'drift'; jobId: string | null };

export interface DiffState {
  from: Side;
  to: Side;
  /** The sides of `comparison`: the pickers may have moved on. */
  compared: { from: Side; to: Side } | null;
  comparison: Comparison | null;
  /** Confirmed renames, old id → new. */
  renames: Record<string, string>;
  /** Guesses (their old ids) that were answered with "two separate changes". */
  separate: string[];
  /** Ids of changes that do not go into the migration. */
  left: ReadonlySet<string>;
  closed: ReadonlySet<string>;
  filter: string;
  active: string | null;
  style: Style;
  view: 'changes' | 'migration';
  made: Generated | null;
  /** What `made` was made of: `left`, `renames` and `style` then. */
  madeOf: string;
  /** The generated files as they stand now. */
  files: GeneratedFile[];
  /** Of the files as they were when they were last proven. */
  proof: Proof | null;
  proven: GeneratedFile[];
  name: string;
  /** Files that were saved by a save that stopped half way. */
  saved: string[];
  busy: Busy | null;
  problem: ChannelError | null;
}

export const EMPTY: DiffState = {
  from: LIVE,
  to: { kind: 'file' },
  compared: null,
  comparison: null,
  renames: {},
  separate: [],
  left: new Set(),
  closed: new Set(),
  filter: '',
  active: null,
  style: 'plain',
  view: 'changes',
  made: null,
  madeOf: '',
  files: [],
  proof: null,
  proven: [],
  name: '',
  saved: [],
  busy: null,
  problem: null,
};

const states = createStore<ReadonlyMap<string, DiffState>>(new Map());

export interface Diff {
  state: DiffState;
  change(part: Partial<DiffState>): void;
  compare(): Promise<void>;
  generate(): Promise<void>;
  prove(): Promise<void>;
  /** Look for drift; where there is some, it is what is compared next. */
  checkDrift(): Promise<Drift | null>;
  cancel(): void;
}

/** `place` tells the Diff tab's comparison from the wizard's. */
export function useDiff(connection: Connection, place: string): Diff {
  const key = `${connection.id} ${place}`;
  const state = useStore(states).get(key) ?? EMPTY;
  return { state, ...diffOf(key, connection) };
}

export const forgetDiffs = () => states.set(new Map());

/** What the files of `made` hang on. */
export const basisOf = (state: DiffState) =>
  JSON.stringify([[...state.left].sort(), state.renames, state.style]);

export const isEdited = (state: DiffState) => JSON.stringify(state.files) !== JSON.stringify(state.proven);

/** Renames that are asked about and have not been answered. */
export const openRenames = (state: DiffState) =>
  (state.comparison?.renames ?? []).filter(
    (one) => !(one.old in state.renames) && !state.separate.includes(one.old),
  );

function diffOf(key: string, connection: Connection): Omit<Diff, 'state'> {
  const get = () => states.get().get(key) ?? EMPTY;
  const change = (part: Partial<DiffState>) =>
    states.set((before) => new Map(before).set(key, { ...(before.get(key) ?? EMPTY), ...part }));

  async function run<C extends JobChannel>(what: Busy['what'], channel: C, payload: Request<C>) {
    change({ busy: { what, jobId: null }, problem: null });
    try {
      return await runJob(channel, payload, { onStart: (jobId) => change({ busy: { what, jobId } }) });
    } catch (thrown) {
      const problem = asChannelError(thrown);
      if (problem.code !== 'cancelled') change({ problem });
      return null;
    } finally {
      change({ busy: null });
    }
  }

  const sides = (from: Side, to: Side) => {
    const [source, target] = [requestOf(from, connection), requestOf(to, connection)];
    return source && target ? { from: source, to: target } : null;
  };
  const chosen = () => {
    const { comparison, compared, renames, left, style } = get();
    const both = compared && sides(compared.from, compared.to);
    if (!comparison || !both) return null;
    return {
      ...both,
      style,
      renames,
      include: includeOf(comparison.changes, left),
      seen: { from: comparison.source.sha256, to: comparison.target.sha256 },
    };
  };

  const diff: Omit<Diff, 'state'> = {
    change,
    async compare() {
      const { from, to, renames, compared, left, separate } = get();
      const both = sides(from, to);
      if (!both || get().busy) return;
      const isAgain = compared !== null && JSON.stringify(compared) === JSON.stringify({ from, to });
      const kept = isAgain ? renames : {};
      const comparison: Answer<'schema:compare'> | null = await run('compare', 'schema:compare', {
        ...both,
        renames: kept,
      });
      if (!comparison) return;
      const there = new Set(comparison.changes.map((one) => one.id));
      change({
        comparison,
        compared: { from, to },
        renames: kept,
        separate: isAgain ? separate : [],
        left: isAgain ? new Set([...left].filter((id) => there.has(id))) : new Set(),
        active: get().active && there.has(get().active ?? '') ? get().active : null,
        filter: isAgain ? get().filter : '',
        view: 'changes',
        made: null,
        files: [],
        proven: [],
        proof: null,
        saved: [],
      });
    },
    async generate() {
      const request = chosen();
      if (!request || get().busy) return;
      const basis = basisOf(get());
      const made = await run('generate', 'schema:generate', request);
      if (!made) return;
      const { files } = made;
      change({
        made,
        madeOf: basis,
        files,
        proven: files,
        proof: made.proven,
        name: made.name,
        saved: [],
        view: 'migration',
      });
    },
    async prove() {
      const request = chosen();
      const { files, busy } = get();
      if (!request || busy) return;
      const proof = await run('prove', 'schema:prove', { ...request, files });
      if (proof) change({ proof, proven: files });
    },
    async checkDrift() {
      if (get().busy) return null;
      const drift = await run('drift', 'schema:drift', { connection: connection.id });
      if (!drift || drift.total === 0) return drift;
      change({ from: APPLIED, to: LIVE });
      await diff.compare();
      return drift;
    },
    cancel() {
      const id = get().busy?.jobId;
      if (id) void cancelJob(id).catch(() => undefined);
    },
  };
  return diff;
}
