/** Renames that look likely, asked one by one: taking one for granted would lose rows, or keep what should go. */
import { Button } from '@mantine/core';
import { IconArrowRight, IconHelpCircle } from '@tabler/icons-react';
import { formatCount } from '../../lib/format';
import classes from './schemaDiff.module.css';
import { type Diff, openRenames } from './state';

const SHOWN = 3;

export function Renames({ diff }: { diff: Diff }) {
  const open = openRenames(diff.state);
  if (open.length === 0) return null;
  const { renames, separate } = diff.state;
  const confirm = (old: string, becomes: string) => {
    diff.change({ renames: { ...renames, [old]: becomes } });
    // A column's rename shows in its table; an object's makes one change of two.
    if (!old.startsWith('column ')) void diff.compare();
  };
  return (
    <div className={classes.renames} role="status">
      {open.slice(0, SHOWN).map((one) => (
        <div key={one.old} className={classes.rename}>
          <IconHelpCircle size={16} aria-hidden />
          <span className={`mono truncate ${classes.renameNames}`}>
            {shortName(one.old)} <IconArrowRight size={12} aria-label="to" /> {shortName(one.new)}
          </span>
          <span className={`dim truncate ${classes.renameReason}`}>{one.reason}</span>
          <Button
            size="compact-sm"
            variant="default"
            disabled={diff.state.busy !== null}
            onClick={() => confirm(one.old, one.new)}
          >
            Renamed
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => diff.change({ separate: [...separate, one.old] })}
          >
            Two separate changes
          </Button>
        </div>
      ))}
      {open.length > SHOWN && (
        <div className={classes.rename}>
          <span className="dim">and {formatCount(open.length - SHOWN)} more like these</span>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            onClick={() => diff.change({ separate: [...separate, ...open.map((one) => one.old)] })}
          >
            All are separate changes
          </Button>
        </div>
      )}
    </div>
  );
}

/** `column table public.users.mail` → `public.users.mail`. */
const shortName = (id: string) => id.replace(/^(column )?[a-z ]*?(?=\S+$)/, '');
