/** The file of an applied migration is gone: what ran is shown, and can be put back. */
import { Button } from '@mantine/core';
import { IconFileImport, IconFileOff } from '@tabler/icons-react';
import { useAction } from '../../api/actions';
import type { Connection, Migration } from '../../api/types.generated';
import { notifySuccess } from '../../components/notify';
import { Note } from './Notes';

export function MissingFile({ connection, migration }: { connection: Connection; migration: Migration }) {
  const restore = useAction('migration:restore', {
    onSuccess: (made) => notifySuccess('The file is back', made.filename),
  });
  return (
    <Note
      icon={<IconFileOff size={16} />}
      tone="violet"
      actions={
        <Button
          leftSection={<IconFileImport size={14} />}
          loading={restore.isPending}
          onClick={() => restore.mutate({ connection: connection.id, version: migration.filename })}
        >
          Restore the file
        </Button>
      }
    >
      The file is missing. This is what ran on {connection.name}, as DB Toolkit kept it.
    </Note>
  );
}
