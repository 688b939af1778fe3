/** What the server told while migrations ran, and what it did not. */
import type { Resources } from '../../api/types.generated';
import { formatDuration, plural } from '../../lib/format';
import classes from './analytics.module.css';

export function Told({ resources }: { resources: Resources }) {
  const { waited_ms, files, waiting_files, blockers, not_told } = resources;
  return (
    <section className={classes.plain} aria-label="What the server told">
      <h2>What the server told</h2>
      <p>
        {waited_ms === null
          ? 'Not told: no migration ran for a second on a server that tells what it is doing.'
          : waiting_files === 0
            ? `${plural(files, 'long migration')} looked at; none was seen waiting for a lock.`
            : `${plural(waiting_files, 'migration')} of ${files} looked at waited for locks, ${formatDuration(waited_ms)} in all.`}
      </p>
      {blockers.length > 0 && (
        <ul className={`${classes.environments} ${classes.blockers}`}>
          {blockers.map((one) => (
            <li key={`${one.by} ${one.object}`}>
              <span className="truncate">
                Held by <strong>{one.by}</strong> {one.object && <span className="dim">on {one.object}</span>}
              </span>
              <span className="tabular">{formatDuration(one.waited_ms)}</span>
              <span className="dim">{plural(one.files, 'file')}</span>
            </li>
          ))}
        </ul>
      )}
      <ul className={classes.notTold}>
        {not_told.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  );
}
