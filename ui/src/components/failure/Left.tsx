/** What the failure left, seen from the database: objects, rows, invalid indexes. */
import type { Failure } from '../../api/types.generated';
import classes from './failure.module.css';
import { rowsText } from './words';

export function Left({ failure }: { failure: Failure }) {
  const { objects, invalid_indexes: indexes } = failure;
  // Of a table that was never counted there is nothing to say.
  const rows = failure.rows.filter((one) => one.before !== null || one.after !== null);
  if (objects.length + rows.length + indexes.length === 0) return null;
  return (
    <section aria-label="What it left">
      <h3 className={classes.heading}>What it left in the database</h3>
      <dl className={classes.left}>
        {objects.length > 0 && (
          <div>
            <dt>Schema</dt>
            <dd className="mono">
              {objects.map((one) => (
                <div key={one}>{one}</div>
              ))}
            </dd>
          </div>
        )}
        {rows.length > 0 && (
          <div>
            <dt>Rows</dt>
            <dd>
              {rows.map((one) => (
                <div key={one.table}>
                  <span className="mono">{one.table}</span>{' '}
                  <span className="dim tabular">{rowsText(one)}</span>
                </div>
              ))}
            </dd>
          </div>
        )}
        {indexes.length > 0 && (
          <div>
            <dt>Invalid indexes</dt>
            <dd className="mono">
              {indexes.map((one) => (
                <div key={one}>{one}</div>
              ))}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
