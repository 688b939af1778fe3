/** One line of the settings: what it is, what it does, and its control. */
import type { ReactNode } from 'react';
import type { Settings } from '../../api/types.generated';
import classes from './settings.module.css';

export interface SectionProps {
  settings: Settings;
  change(changes: Record<string, unknown>): void;
}

interface Props {
  label: string;
  note?: ReactNode;
  children: ReactNode;
}

/** The control inside carries the label for those who do not see it (aria-label). */
export function Setting({ label, note, children }: Props) {
  return (
    <div className={classes.setting} data-setting={label}>
      <div className={classes.words}>
        <div className={classes.label}>{label}</div>
        {note && <div className={classes.note}>{note}</div>}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  );
}
