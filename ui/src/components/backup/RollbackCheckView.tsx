/** After a rollback: whether the schema is what it was before the migrations were applied. */
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle } from '@tabler/icons-react';
import type { RollbackCheck } from '../../api/types.generated';
import { formatExact, plural } from '../../lib/format';
import classes from './backup.module.css';

const SHOWN = 30;

export function RollbackCheckView({ check }: { check: RollbackCheck }) {
  const { known, equal, taken_at, differences } = check;
  const since = taken_at ? `, as it was seen ${formatExact(taken_at)}` : '';
  if (!known || equal === null)
    return (
      <div className={classes.check}>
        <IconHelpCircle size={15} aria-hidden />
        <span>
          Whether the schema is what it was before they were applied is not known: it was not recorded then.
        </span>
      </div>
    );
  if (equal)
    return (
      <div className={classes.check}>
        <IconCircleCheck size={15} className={classes.greenText} aria-hidden />
        <span>The schema is what it was before they were applied{since}.</span>
      </div>
    );
  return (
    <div className={classes.check}>
      <IconAlertTriangle size={15} className={classes.redText} aria-hidden />
      <div>
        The schema is not what it was before they were applied{since}:{' '}
        {plural(differences.length, 'difference')}.
        <ul className={classes.differences} aria-label="Differences from before">
          {differences.slice(0, SHOWN).map((one) => (
            <li key={one} className="mono">
              {one}
            </li>
          ))}
          {differences.length > SHOWN && <li className="dim">and {differences.length - SHOWN} more</li>}
        </ul>
      </div>
    </div>
  );
}
