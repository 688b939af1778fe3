/** What is no table: types, functions, publications, … by kind, each with its statement where the engine tells it. */
import { Loader } from '@mantine/core';
import { useMemo } from 'react';
import { useChannel } from '../../../api/queries';
import type { Connection, DetailObject } from '../../../api/types.generated';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { wordOf } from '../names';
import classes from './tables.module.css';

const byKind = (objects: DetailObject[]) => {
  const found = new Map<string, DetailObject[]>();
  for (const one of objects) {
    const kind = found.get(one.kind);
    if (kind) kind.push(one);
    else found.set(one.kind, [one]);
  }
  return [...found];
};

export function OtherObjects({ connection }: { connection: Connection }) {
  const { data, error, refetch } = useChannel('schema:describe', { connection: connection.id, tables: [] });
  const kinds = useMemo(() => byKind(data?.objects ?? []), [data]);
  if (error) {
    return (
      <div className={classes.pad}>
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (!data) {
    return (
      <div className={classes.center}>
        <Loader aria-label="Reading the other objects" />
      </div>
    );
  }
  if (kinds.length === 0 && data.problems.length === 0) {
    return <EmptyState title="Nothing but tables">Types, functions and the like appear here.</EmptyState>;
  }
  const nameOf = (one: DetailObject) =>
    one.schema_name && one.schema_name !== data.default_schema ? `${one.schema_name}.${one.name}` : one.name;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className={classes.detail} aria-label="Other objects" tabIndex={0}>
      <header className={classes.detailHead}>
        <h2 className={classes.detailTitle}>Other objects</h2>
      </header>
      {data.problems.map((one) => (
        <p key={one} className={classes.problem}>
          {one}
        </p>
      ))}
      {kinds.map(([kind, objects]) => (
        <section key={kind} aria-label={wordOf(kind)}>
          <h3 className={classes.objectKind}>
            {wordOf(kind)} <small>{objects.length}</small>
          </h3>
          <ul className={classes.objects}>
            {objects.map((one) => (
              <li key={`${one.schema_name}.${one.name}`}>
                <code>{nameOf(one)}</code>{' '}
                {one.detail && <span className={classes.objectDetail}>{one.detail}</span>}
                {one.comment && <p className={classes.objectDetail}>{one.comment}</p>}
                {one.definition && (
                  <details>
                    <summary>Statement</summary>
                    <pre className={classes.objectStatement}>{one.definition.trim()}</pre>
                  </details>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}
