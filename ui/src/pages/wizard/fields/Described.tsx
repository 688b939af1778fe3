/** A label, help and error around a control that has none of its own. */
import type { ReactNode } from 'react';
import classes from './fields.module.css';

interface Props {
  label: string;
  help: string | null;
  error: string | null;
  children: ReactNode;
}

export function Described({ label, help, error, children }: Props) {
  return (
    <fieldset className={classes.described}>
      <legend>{label}</legend>
      {help && <div className={classes.help}>{help}</div>}
      {children}
      {error && <div className={classes.error}>{error}</div>}
    </fieldset>
  );
}
