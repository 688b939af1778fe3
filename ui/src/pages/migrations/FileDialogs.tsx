/** Renaming and deleting a file that is not applied. */
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { act, isDeclined, useAction } from '../../api/actions';
import type { Connection, Migration } from '../../api/types.generated';
import dialogs from '../../components/dialogs.module.css';
import { ErrorPanel } from '../../components/ErrorPanel';
import { notifySuccess } from '../../components/notify';
import { paths } from '../../lib/paths';

interface Props {
  connection: Connection;
  migration: Migration;
  onClose(): void;
}

export function RenameDialog({ connection, migration, onClose }: Props) {
  const [name, setName] = useState(migration.name);
  const rename = useAction('migration:update', {
    quiet: true,
    onSuccess: (after) => {
      notifySuccess('Renamed', after.filename, {
        to: paths.editor(connection.id, after.filename),
        undo: () =>
          act('migration:update', {
            connection: connection.id,
            version: after.filename,
            name: migration.name,
          }),
      });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim())
      rename.mutate({ connection: connection.id, version: migration.filename, name: name.trim() });
  };
  return (
    <Modal opened onClose={onClose} title="Rename the migration" size={480}>
      <form onSubmit={submit}>
        <TextInput
          label="Name"
          description="The version stays, and with it the order."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
        {rename.error && !isDeclined(rename.error) && (
          <div className={dialogs.error}>
            <ErrorPanel error={rename.error} compact />
          </div>
        )}
        <div className={dialogs.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={rename.isPending}
            disabled={!name.trim() || name.trim() === migration.name}
          >
            Rename
          </Button>
        </div>
      </form>
    </Modal>
  );
}

export function DeleteDialog({ connection, migration, onClose }: Props) {
  const remove = useAction('migration:delete', {
    quiet: true,
    onSuccess: ({ token }) => {
      notifySuccess(`${migration.name} is deleted`, 'The file is in DB Toolkit’s trash.', {
        undo: () => act('migration:undelete', { connection: connection.id, token }),
      });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Delete ${migration.name}?`} size={480}>
      <p className={dialogs.text}>
        <span className="mono">{migration.filename}</span> moves to DB Toolkit’s trash. It is not applied to{' '}
        {connection.name}, so the database stays as it is.
      </p>
      {remove.error && !isDeclined(remove.error) && <ErrorPanel error={remove.error} compact />}
      <div className={dialogs.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          data-autofocus
          onClick={() => remove.mutate({ connection: connection.id, version: migration.filename })}
        >
          Delete the file
        </Button>
      </div>
    </Modal>
  );
}
