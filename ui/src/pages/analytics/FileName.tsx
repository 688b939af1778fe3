/** A file that is spoken of, with the way to its run. */
import { Link } from 'react-router';
import type { FileRef } from '../../api/types.generated';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { nameOfFile } from '../../lib/filenames';
import { paths } from '../../lib/paths';
import classes from './analytics.module.css';

const ENVIRONMENTS = ['test', 'staging', 'production'] as const;

export function FileName({ file, connection, named }: { file: FileRef; connection: string; named: boolean }) {
  const environment = ENVIRONMENTS.find((one) => one === file.environment);
  return (
    <span className={classes.fileName}>
      <Link className="truncate" to={paths.run(connection, file.run_id)} title={file.filename}>
        {nameOfFile(file.filename)}
      </Link>
      {file.direction === 'down' && <span className="dim">rollback</span>}
      {named && <span className="dim truncate">{file.connection_name}</span>}
      {named && environment && <EnvironmentTag environment={environment} short />}
    </span>
  );
}
