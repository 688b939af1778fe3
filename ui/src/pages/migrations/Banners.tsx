/** What stands over the list: a database that does not answer, files that need a look. */
import { Button } from '@mantine/core';
import { IconDatabaseOff, IconFileAlert } from '@tabler/icons-react';
import { useAction } from '../../api/actions';
import { isErrorShape } from '../../api/invoke';
import type { Connection, StatusReport } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import classes from './migrations.module.css';

interface Props {
  connection: Connection;
  report: StatusReport;
  /** A run is under way: whether the database exists is then asked again when it ends. */
  isRunning: boolean;
  onRetry(): void;
}

export function Banners({ connection, report, isRunning, onRetry }: Props) {
  const create = useAction('database:create');
  if (!report.reachable && isErrorShape(report.problem)) {
    return (
      <div className={classes.banner}>
        <ErrorPanel error={report.problem} connection={connection.id} onRetry={onRetry} compact />
        <p className={classes.bannerNote}>
          The files are listed; what is applied is as DB Toolkit last saw it.
        </p>
      </div>
    );
  }
  if (!report.database_exists && !isRunning) {
    return (
      <div className={`${classes.banner} ${classes.quietBanner}`} role="status">
        <IconDatabaseOff size={16} aria-hidden />
        <span>
          The database of {connection.name} does not exist yet. Applying a migration creates it, or create it
          empty.
        </span>
        <Button
          variant="default"
          loading={create.isPending}
          disabled={connection.read_only}
          onClick={() => create.mutate({ connection: connection.id })}
        >
          Create the database
        </Button>
      </div>
    );
  }
  return <Warnings connection={connection} />;
}

function Warnings({ connection }: { connection: Connection }) {
  if (connection.warnings.length === 0) return null;
  return (
    <div className={`${classes.banner} ${classes.quietBanner}`} role="status">
      <IconFileAlert size={16} aria-hidden />
      <span>{connection.warnings.join(' ')}</span>
    </div>
  );
}
