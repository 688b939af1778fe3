/** The same migrations side by side: on other environments, before and after an edit, by the tool's version. */
import type { CSSProperties } from 'react';
import { Link } from 'react-router';
import type { Comparison, EnvironmentKind } from '../../api/types.generated';
import { DataTable } from '../../components/charts';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { nameOfFile } from '../../lib/filenames';
import { formatCount, formatDuration, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './analytics.module.css';

interface Props {
  comparison: Comparison;
  connection: string;
}

export function Environments({ comparison, connection }: Props) {
  const { connections, versions } = comparison;
  return (
    <section className={classes.plain} aria-label="Environments">
      <h2>Environments</h2>
      {connections.length === 0 ? (
        <p className={classes.quiet}>
          Connections that share a migrations folder are compared here, migration by migration.
        </p>
      ) : (
        <>
          <ul className={classes.environments}>
            {connections.map((one) => (
              <li key={one.connection}>
                <span className={classes.fileName}>
                  <strong className="truncate">{one.connection_name}</strong>
                  {one.environment && (
                    <EnvironmentTag environment={one.environment as EnvironmentKind} short />
                  )}
                </span>
                <span className="tabular">{formatDuration(one.median_ms) ?? 'Not measured'}</span>
                <span className="dim tabular">
                  {one.files > 0
                    ? `median of ${formatCount(one.files)} shared, ${formatDuration(one.total_ms)} together`
                    : 'nothing ran on all of them'}
                </span>
              </li>
            ))}
          </ul>
          <ul className={classes.rows}>
            {versions.slice(0, 4).map((one) => (
              <li key={one.version} className={classes.apart}>
                <span className={classes.apartHead}>
                  <Link
                    className="truncate"
                    to={paths.fileHistory(connection, one.version)}
                    title={one.filename}
                  >
                    {nameOfFile(one.filename)}
                  </Link>
                  <span className="tabular dim">{one.ratio}× apart</span>
                </span>
                {one.times.map((time) => (
                  <span key={time.connection} className={classes.apartTime}>
                    <span className="truncate dim">{time.connection_name}</span>
                    <span
                      className={classes.track}
                      style={
                        {
                          '--share': `${(time.duration_ms / Math.max(...one.times.map((t) => t.duration_ms))) * 100}%`,
                        } as CSSProperties
                      }
                    />
                    <span className="tabular">{formatDuration(time.duration_ms)}</span>
                  </span>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

export function Changes({ comparison }: { comparison: Comparison }) {
  const { contents, tools } = comparison;
  if (contents.length === 0 && tools.length < 2) return null;
  return (
    <section className={classes.plain} aria-label="Before and after">
      <h2>Before and after</h2>
      {contents.length > 0 && (
        <DataTable
          title="Before and after an edit"
          head={['Edited migration', 'Before', 'After']}
          rows={contents
            .slice(0, 8)
            .map((one) => [one.filename, formatDuration(one.before_ms), formatDuration(one.after_ms)])}
        />
      )}
      {tools.length > 1 && (
        <DataTable
          title="By the tool’s version"
          head={['Tool', 'Files', 'Median', 'Same migrations']}
          rows={tools.map((one) => [
            `${one.tool} ${one.version}`,
            formatCount(one.files),
            formatDuration(one.median_ms),
            one.same_files_ratio === null
              ? null
              : `${one.same_files_ratio}× over ${plural(one.same_files, 'file')}`,
          ])}
        />
      )}
    </section>
  );
}
