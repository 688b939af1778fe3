/** What stands over everything: a database that does not answer, is not there yet, or is still being asked. */
import { Button, Loader } from '@mantine/core';
import { IconDatabaseOff } from '@tabler/icons-react';
import { useAction } from '../../api/actions';
import { isErrorShape } from '../../api/invoke';
import type { Connection, ConnectionSummary } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { RelativeTime } from '../../components/RelativeTime';
import classes from './dashboard.module.css';

interface Props {
  connection: Connection;
  summary: ConnectionSummary;
  onRetry(): void;
}

export function Banner({ connection, summary, onRetry }: Props) {
  const create = useAction('database:create');
  if (isErrorShape(summary.problem)) {
    return (
      <div className={classes.banner}>
        <ErrorPanel error={summary.problem} connection={connection.id} onRetry={onRetry} compact />
        <LastSeen summary={summary} />
      </div>
    );
  }
  if (summary.looking) {
    return (
      <div className={`${classes.banner} ${classes.quiet}`} role="status">
        <Loader size={14} />
        <span>
          Asking {connection.name}… <LastSeen summary={summary} />
        </span>
      </div>
    );
  }
  if (summary.database_exists === false) {
    return (
      <div className={`${classes.banner} ${classes.quiet}`} role="status">
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
  return null;
}

function LastSeen({ summary }: { summary: ConnectionSummary }) {
  if (!summary.counts) return null;
  const { at } = summary.counts;
  return (
    <span className="dim">
      {at ? (
        <>
          The figures are from when it was last seen, <RelativeTime at={at} />.
        </>
      ) : (
        'It was never seen: the figures are of the files and of what DB Toolkit itself ran.'
      )}
    </span>
  );
}
