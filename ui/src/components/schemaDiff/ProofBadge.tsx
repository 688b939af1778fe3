/** What was measured of a migration, what is left different, and what went wrong. */
import { IconAlertTriangle, IconShieldCheck, IconShieldQuestion, IconShieldX } from '@tabler/icons-react';
import type { Proof } from '../../api/types.generated';
import badges from '../badges.module.css';
import { type ProofTone, proofWords } from './proof';
import classes from './schemaDiff.module.css';

const ICONS: Record<ProofTone, typeof IconShieldCheck> = {
  green: IconShieldCheck,
  amber: IconAlertTriangle,
  red: IconShieldX,
  gray: IconShieldQuestion,
};

export function ProofBadge({ proof, edited }: { proof: Proof | null; edited: boolean }) {
  const { tone, title, text } = proofWords(proof, edited);
  const Icon = ICONS[tone];
  const problems = edited ? [] : (proof?.problems ?? []).filter((one) => one !== text);
  const left = edited ? [] : [...new Set([...(proof?.left_up ?? []), ...(proof?.left_down ?? [])])];
  return (
    <section className={classes.proof} aria-label="Proof" data-tone={tone}>
      <div className={`${classes.proofTitle} ${badges[tone]} ${badges.plain}`}>
        <Icon size={17} stroke={2} aria-hidden />
        <h2>{title}</h2>
      </div>
      <p className="dim">{text}</p>
      {left.length > 0 && (
        <>
          <p>Left different:</p>
          <ul className={classes.plainList}>
            {left.slice(0, 20).map((one) => (
              <li key={one} className="mono">
                {one}
              </li>
            ))}
            {left.length > 20 && <li className="dim">and {left.length - 20} more</li>}
          </ul>
        </>
      )}
      {problems.length > 0 && (
        <ul className={classes.plainList}>
          {problems.slice(0, 20).map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
