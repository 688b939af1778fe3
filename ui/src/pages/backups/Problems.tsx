/** Folders that are no whole backup, and backups that are gone: said, and otherwise left alone. */
import { UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { plural } from '../../lib/format';
import classes from './backups.module.css';

export function Problems({ problems }: { problems: string[] }) {
  const [open, setOpen] = useState(false);
  const [first] = problems;
  if (!first) return null;
  return (
    <section className={classes.problems} aria-label="Problems">
      <IconAlertTriangle size={16} aria-hidden />
      {problems.length === 1 ? (
        <p>{first}</p>
      ) : (
        <div>
          <UnstyledButton className={classes.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
            {plural(problems.length, 'thing')} among the backups {problems.length === 1 ? 'is' : 'are'} not
            right
            <IconChevronRight size={14} className={open ? classes.turned : undefined} aria-hidden />
          </UnstyledButton>
          {open && (
            <ul>
              {problems.map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}
