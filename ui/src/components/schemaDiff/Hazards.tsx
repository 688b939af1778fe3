/** What may hurt, statement by statement: an icon, a word, the sentence, and the statement it is about. */
import {
  IconAlertTriangle,
  IconHammer,
  IconLock,
  IconPuzzle,
  IconRefresh,
  IconTrash,
  IconUserShield,
} from '@tabler/icons-react';
import type { SchemaHazard } from '../../api/types.generated';
import badges from '../badges.module.css';
import classes from './schemaDiff.module.css';
import type { Generated } from './sides';

interface Look {
  word: string;
  tone: string;
  icon: typeof IconLock;
}

const LOOKS: Record<string, Look> = {
  data_loss: { word: 'Data loss', tone: 'red', icon: IconTrash },
  correctness: { word: 'May fail', tone: 'red', icon: IconAlertTriangle },
  rewrite: { word: 'Rewrite', tone: 'amber', icon: IconRefresh },
  exclusive_lock: { word: 'Exclusive lock', tone: 'amber', icon: IconLock },
  share_lock: { word: 'Share lock', tone: 'amber', icon: IconLock },
  share_row_exclusive_lock: { word: 'Write lock', tone: 'amber', icon: IconLock },
  index_build: { word: 'Index build', tone: 'amber', icon: IconHammer },
  index_dropped: { word: 'Index dropped', tone: 'amber', icon: IconHammer },
  untrackable: { word: 'Unseen use', tone: 'violet', icon: IconPuzzle },
  authority: { word: 'Privileges', tone: 'violet', icon: IconUserShield },
  extension_version: { word: 'Extension', tone: 'violet', icon: IconPuzzle },
};
const ORDER = Object.keys(LOOKS);
const lookOf = (kind: string): Look =>
  LOOKS[kind] ?? { word: kind.replaceAll('_', ' '), tone: 'gray', icon: IconAlertTriangle };

interface Props {
  made: Generated;
  /** Shows a statement in its file. */
  onShow(file: number, sql: string): void;
}

export function Hazards({ made, onShow }: Props) {
  const { hazards, statements } = made;
  if (hazards.length === 0)
    return (
      <section className={classes.notes} aria-label="Hazards">
        <h2>Hazards</h2>
        <p className="dim">None that is known of.</p>
      </section>
    );
  const sorted = [...hazards].sort((a, b) => rankOf(a) - rankOf(b) || a.statement - b.statement);
  return (
    <section className={classes.notes} aria-label="Hazards">
      <h2>
        Hazards <span className="faint tabular">{hazards.length}</span>
      </h2>
      <ul className={classes.hazards}>
        {sorted.map((one) => {
          const { word, tone, icon: Icon } = lookOf(one.kind);
          const statement = statements[one.statement];
          return (
            <li key={`${one.kind} ${one.statement} ${one.message}`}>
              <span className={`${badges.badge} ${badges[tone]}`}>
                <Icon size={14} aria-hidden /> {word}
              </span>
              <span>{one.message}</span>
              {statement && (
                <button
                  type="button"
                  className={`mono truncate ${classes.statement}`}
                  title={statement.sql}
                  onClick={() => onShow(statement.file, statement.sql)}
                >
                  {statement.sql}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const rankOf = (hazard: SchemaHazard) => {
  const at = ORDER.indexOf(hazard.kind);
  return at < 0 ? ORDER.length : at;
};
