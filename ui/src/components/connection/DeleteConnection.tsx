/** Removing a connection from DB Toolkit. The database is never touched; the app's own files only where asked. */
import { Button, Checkbox, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../../api/actions';
import { refresh } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import dialogs from '../dialogs.module.css';
import { notifySuccess } from '../notify';

interface Props {
  connection: Connection;
  onClose(): void;
  onDeleted?(): void;
}

export function DeleteConnection({ connection, onClose, onDeleted }: Props) {
  const [deleteFiles, setDeleteFiles] = useState(false);
  const client = useQueryClient();
  const remove = useAction('connection:delete', {
    onSuccess: async () => {
      notifySuccess(`${connection.name} is removed`, 'Its database is as it was.');
      // First the list without it: the next page would else go straight back to it.
      await refresh(client, ['connection:list']);
      onClose();
      onDeleted?.();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Remove ${connection.name}?`} size={440}>
      <p className={dialogs.text}>
        {connection.adopted
          ? 'DB Toolkit forgets the connection. The project’s folder and the database stay as they are.'
          : 'DB Toolkit forgets the connection. The database stays as it is.'}
      </p>
      {!connection.adopted && (
        <Checkbox
          label="Also move its migration files to the app’s trash"
          checked={deleteFiles}
          onChange={(event) => setDeleteFiles(event.currentTarget.checked)}
        />
      )}
      <div className={dialogs.buttons}>
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => remove.mutate({ connection: connection.id, delete_files: deleteFiles })}
        >
          Remove {connection.name}
        </Button>
      </div>
    </Modal>
  );
}
