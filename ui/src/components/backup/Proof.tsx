/** What a restore proved: schema, rows and content of the database, each read again and compared with the backup. */
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle } from '@tabler/icons-react';
import type { Restored } from '../../api/types.generated';
import { formatDuration, plural } from '../../lib/format';
import classes from './backup.module.css';
import { CHECK_WORDS, provenWords } from './words';

const SHOWN = 20;

export function Proof({ restored }: { restored: Restored }) {
  const isProven = restored.equal && restored.checks.length > 0;
  const Icon = isProven ? IconCircleCheck : restored.checks.length === 0 ? IconHelpCircle : IconAlertTriangle;
  const tone = isProven ? classes.green : restored.checks.length === 0 ? classes.violet : classes.red;
  return (
    <section className={classes.proof} aria-label="Proof">
      <div className={`${classes.verdict} ${tone}`}>
        <Icon size={18} stroke={2} aria-hidden />
        <div>
          <strong>{isProven ? 'Restored, and proven' : 'Restored, but not proven equal'}</strong>
          <p>{provenWords(restored)}</p>
        </div>
        <span className={`tabular ${classes.right}`}>{formatDuration(restored.duration_ms)}</span>
      </div>
      <ul className={classes.checks}>
        {restored.checks.map(({ what, equal, differences }) => (
          <li key={what}>
            {equal ? (
              <IconCircleCheck size={15} className={classes.greenText} aria-hidden />
            ) : (
              <IconAlertTriangle size={15} className={classes.redText} aria-hidden />
            )}
            <div>
              <strong>{CHECK_WORDS[what].name}</strong>{' '}
              <span className="dim">{equal ? CHECK_WORDS[what].equal : 'not the same'}</span>
              {what === 'rows' && (
                <span className="dim">
                  {' '}
                  · {plural(restored.tables, 'table')}, {plural(restored.rows, 'row')}
                </span>
              )}
              {differences.length > 0 && (
                <ul className={classes.differences}>
                  {differences.slice(0, SHOWN).map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                  {differences.length > SHOWN && (
                    <li className="dim">and {differences.length - SHOWN} more</li>
                  )}
                </ul>
              )}
            </div>
          </li>
        ))}
      </ul>
      {restored.notes.map((note) => (
        <p key={note} className="dim">
          {note}
        </p>
      ))}
    </section>
  );
}
