/** The body of a page: a title line with actions, then content that scrolls by itself. */
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { pageTitle } from '../lib/asked';
import classes from './Page.module.css';

interface Props {
  title: string;
  /** Beside the title: counts, a badge. */
  note?: ReactNode;
  actions?: ReactNode;
  /** Under the title line, not scrolling: filters, tabs. */
  bar?: ReactNode;
  /** `full` gives the content the whole height and no padding (tables, editors); `read` a column for forms. */
  width?: 'full' | 'wide' | 'read';
  children: ReactNode;
}

export function Page({ title, note, actions, bar, width = 'wide', children }: Props) {
  useEffect(() => {
    pageTitle.set(title);
  }, [title]);
  return (
    <section className={classes.page} aria-label={title}>
      <header className={classes.head}>
        <h1 className={classes.title}>{title}</h1>
        {note && <div className={classes.note}>{note}</div>}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {bar && <div className={classes.bar}>{bar}</div>}
      <div className={`${classes.body} ${classes[width]}`}>
        {width === 'full' ? children : <div className={classes.column}>{children}</div>}
      </div>
    </section>
  );
}
