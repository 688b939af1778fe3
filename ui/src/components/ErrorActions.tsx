/** The buttons that mend an error, by its code. */
import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import { useAction } from '../api/actions';
import { useConnections } from '../api/connections';
import type { ChannelError } from '../api/invoke';
import { needsPassword } from '../lib/locked';
import { paths } from '../lib/paths';
import { askRun } from './run/ask';
import { askUnlock } from './unlock';

interface Props {
  error: ChannelError;
  connection: string | null;
  onRetry?(): void;
}

const EDIT_MENDS = new Set([
  'connection_failed',
  'authentication_failed',
  'database_missing',
  'invalid_url',
  'read_only',
  'storage_failed',
]);
const FILE_MENDS = new Set([
  'migration_invalid',
  'syntax_error',
  'migration_failed',
  'constraint_violation',
  'out_of_order',
]);

export function ErrorActions({ error, connection, onRetry }: Props) {
  const navigate = useNavigate();
  const known = useConnections().data?.connections.find((one) => one.id === connection);
  const createDatabase = useAction('database:create', { onSuccess: () => onRetry?.() });
  const file = fileOf(error);
  const versions = error.details.versions as string[];
  return (
    <>
      {error.code === 'database_missing' && connection && (
        <Button
          variant="filled"
          loading={createDatabase.isPending}
          onClick={() => createDatabase.mutate({ connection })}
        >
          Create the database
        </Button>
      )}
      {connection && needsPassword(error, known) && (
        <Button onClick={() => askUnlock(connection, onRetry)}>Enter the password</Button>
      )}
      {file && connection && FILE_MENDS.has(error.code) && (
        <Button variant="default" onClick={() => navigate(paths.editor(connection, file))}>
          Open {file}
        </Button>
      )}
      {error.code === 'rehearsal_required' && connection && (
        <Button onClick={() => askRun({ channel: 'migration:up', connection, versions, rehearse: true })}>
          Rehearse now
        </Button>
      )}
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
      {connection && EDIT_MENDS.has(error.code) && (
        <Button variant="default" onClick={() => navigate(paths.connection(connection))}>
          Edit the connection
        </Button>
      )}
      {connection && error.code === 'backup_failed' && (
        <Button variant="default" onClick={() => navigate(paths.backups(connection))}>
          Show the backups
        </Button>
      )}
      {error.code === 'tool_missing' && (
        <Button variant="default" onClick={() => navigate(`${paths.settings}?section=tools`)}>
          Show the tools
        </Button>
      )}
      {error.code === 'backend_unreachable' && (
        <Button variant="default" onClick={() => window.location.reload()}>
          Reload
        </Button>
      )}
    </>
  );
}

/** The migration an error points at. */
function fileOf(error: ChannelError): string | null {
  const { filename, file, version } = error.details;
  const found = filename ?? version ?? (typeof file === 'string' ? file.split(/[\\/]/).at(-1) : null);
  return typeof found === 'string' && found ? found : null;
}
