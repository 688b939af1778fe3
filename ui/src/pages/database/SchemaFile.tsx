/** The schema file: written from the database, run into it, read here. */
import { Button, Loader, Tooltip } from '@mantine/core';
import { IconFileOff, IconTableExport, IconTableImport } from '@tabler/icons-react';
import { useAction } from '../../api/actions';
import { useEngine } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import { CodeView } from '../../components/CodeView';
import { CopyTextButton } from '../../components/CopyTextButton';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { notifySuccess } from '../../components/notify';
import { formatBytes, shortPath } from '../../lib/format';
import classes from './database.module.css';

interface Props {
  connection: Connection;
  fileName: string;
}

export function SchemaFile({ connection, fileName }: Props) {
  const { data, error, isPending, refetch } = useChannel('schema:read', { connection: connection.id });
  const can = useEngine(connection.engine)?.capabilities;
  const dump = useAction('schema:dump', {
    onSuccess: () => notifySuccess(`${fileName} is written from ${connection.name}`),
  });
  const load = useAction('schema:load', {
    onSuccess: () => notifySuccess(`${fileName} was run into ${connection.name}`),
  });
  if (error) {
    return (
      <div className={classes.pad}>
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (isPending) {
    return (
      <div className={classes.center}>
        <Loader aria-label={`Reading ${fileName}`} />
      </div>
    );
  }
  const dumpButton = (
    <WithReason reason={can?.dump_schema?.supported === false ? can.dump_schema.reason : null}>
      {(disabled) => (
        <Button
          variant={data.exists ? 'default' : 'filled'}
          leftSection={<IconTableExport size={15} />}
          disabled={disabled}
          loading={dump.isPending}
          onClick={() => dump.mutate({ connection: connection.id })}
        >
          Write from {connection.name}
        </Button>
      )}
    </WithReason>
  );
  if (!data.exists) {
    return (
      <EmptyState
        icon={<IconFileOff size={22} stroke={1.7} />}
        title={`No ${fileName} yet`}
        actions={dumpButton}
      >
        It holds the whole structure of the database, and is written after each run.
      </EmptyState>
    );
  }
  const loadReason = connection.read_only
    ? 'The connection is read-only.'
    : can?.load_schema?.supported === false
      ? can.load_schema.reason
      : null;
  return (
    <>
      <div className={classes.fileBar}>
        <span className="mono truncate" title={data.path}>
          {shortPath(data.path)}
        </span>
        <span className="faint tabular">{formatBytes(data.size_bytes)}</span>
        <span className={classes.right}>
          <CopyTextButton text={data.content} iconSize={15} variant="default" />
          <WithReason reason={loadReason ?? null}>
            {(disabled) => (
              <Button
                variant="default"
                leftSection={<IconTableImport size={15} />}
                disabled={disabled}
                loading={load.isPending}
                onClick={() => load.mutate({ connection: connection.id })}
              >
                Load into {connection.name}
              </Button>
            )}
          </WithReason>
          {dumpButton}
        </span>
      </div>
      <CodeView text={data.content} label={fileName} />
    </>
  );
}

interface WithReasonProps {
  reason: string | null;
  children(disabled: boolean): React.ReactNode;
}

/** A button that cannot be used says why. */
function WithReason({ reason, children }: WithReasonProps) {
  return (
    <Tooltip label={reason} disabled={!reason} multiline maw={320}>
      <span>{children(reason !== null)}</span>
    </Tooltip>
  );
}
