/** How much of the whole is applied, failed and pending, as one bar. The words stand beside it, so it is only a picture. */
import type { MigrationCounts } from '../../api/types.generated';
import { formatCount } from '../../lib/format';
import classes from './overview.module.css';

interface Props {
  counts: Pick<MigrationCounts, 'total' | 'applied' | 'pending' | 'failed'>;
  /** Not how it is but how it was: drawn quieter. */
  stale?: boolean;
  thin?: boolean;
}

export function AppliedBar({ counts, stale = false, thin = false }: Props) {
  const { total, applied, failed, pending } = counts;
  const words = `${formatCount(applied)} of ${formatCount(total)} applied, ${formatCount(pending)} pending, ${formatCount(failed)} failed`;
  return (
    <div
      className={classes.bar}
      data-thin={thin || undefined}
      data-stale={stale || undefined}
      role="img"
      aria-label={words}
    >
      {applied > 0 && <span className={classes.barApplied} style={{ flexGrow: applied }} />}
      {failed > 0 && <span className={classes.barFailed} style={{ flexGrow: failed }} />}
      {pending > 0 && <span className={classes.barPending} style={{ flexGrow: pending }} />}
    </div>
  );
}
