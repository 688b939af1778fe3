/** A backup in a few lines: when, why, how much, and whether it can be relied on. */
import type { BackupListed } from '../../api/types.generated';
import { formatBytes, formatExact } from '../../lib/format';
import { RelativeTime } from '../RelativeTime';
import classes from './backup.module.css';
import { meaningOf, StateBadge } from './StateBadge';
import { contentOf, whyOf } from './words';

export function WhatItIs({ backup }: { backup: BackupListed }) {
  return (
    <section className={classes.what} aria-label="The backup">
      <div className={classes.whatLine}>
        <strong>{whyOf(backup)}</strong>
        <StateBadge backup={backup} />
      </div>
      <div className="dim">
        <RelativeTime at={backup.created_at} />, {formatExact(backup.created_at)}
      </div>
      <div className="dim">
        {contentOf(backup, backup.engine)} · {formatBytes(backup.size_bytes)} · {backup.applied.length}{' '}
        applied {backup.applied.length === 1 ? 'migration' : 'migrations'}
      </div>
      {backup.note && <p className={classes.noteText}>“{backup.note}”</p>}
      {backup.state !== 'good' && <p className={classes.warn}>{meaningOf(backup)}</p>}
    </section>
  );
}
