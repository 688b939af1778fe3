/** What a proof says, in words that claim no more than was measured. Pure. */
import type { Proof } from '../../api/types.generated';

export type ProofTone = 'green' | 'amber' | 'red' | 'gray';

export interface ProofWords {
  tone: ProofTone;
  title: string;
  /** One sentence of what was done, or why not. */
  text: string;
}

/** How the backend begins to say that rows stood in the way. */
const EMPTY_ONLY = 'On empty tables it works';

/** `edited`: the files are not those that were proven. */
export function proofWords(proof: Proof | null, edited: boolean): ProofWords {
  if (edited)
    return {
      tone: 'gray',
      title: 'Not proven as it stands',
      text: 'The text was changed since. Prove it again to know.',
    };
  if (!proof || (proof.up === null && proof.down === null))
    return {
      tone: 'gray',
      title: 'Not proven',
      text: proof?.problems[0] ?? 'No scratch database was used.',
    };
  const where = proof.scratch ? ` on ${proof.scratch}` : '';
  if (!proof.up)
    return {
      tone: 'red',
      title: 'Up does not lead there',
      text: proof.left_up.length
        ? `Run${where}, it left ${proof.left_up.length === 1 ? 'an object' : `${proof.left_up.length} objects`} different.`
        : `Run${where}, it failed.`,
    };
  if (!proof.down)
    return {
      tone: 'amber',
      title: 'Proven up, not down',
      text: `Run${where}, up leads exactly there; down does not lead back.`,
    };
  if (proof.rows === null)
    return {
      tone: 'green',
      title: 'Proven both ways',
      text: `Run up and down${where}, compared after each. There were no rows to watch.`,
    };
  if (!proof.rows && proof.problems.some((one) => one.startsWith(EMPTY_ONLY)))
    return {
      tone: 'amber',
      title: 'Proven both ways, on empty tables',
      text: `Run up and down${where} without rows, compared after each. With the rows that were tried it fails.`,
    };
  if (!proof.rows)
    return {
      tone: 'amber',
      title: 'Proven both ways, rows not kept',
      text: `Run${where}, the schemas are right both ways; rows are not all what they should be.`,
    };
  return {
    tone: 'green',
    title: 'Proven both ways, rows kept',
    text: `Run up and down${where} with ${proof.rows_seeded} rows, compared after each.`,
  };
}
