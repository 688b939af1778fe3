/** Who: a disc with the initials and the name beside it. */

import classes from './overview.module.css';
import { initialsOf } from './words';

export function Person({ name, bare = false }: { name: string | null | undefined; bare?: boolean }) {
  if (!name) return null;
  return (
    <span className={classes.person} title={name}>
      <span className={classes.disc} aria-hidden>
        {initialsOf(name)}
      </span>
      <span className={bare ? 'visually-hidden' : 'truncate'}>{name}</span>
    </span>
  );
}
