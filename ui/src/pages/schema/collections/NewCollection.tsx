/** A new collection (MongoDB), with the server's own options as JSON. */
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { isDeclined, useAction } from '../../../api/actions';
import type { Connection } from '../../../api/types.generated';
import dialogs from '../../../components/dialogs.module.css';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { notifySuccess } from '../../../components/notify';
import classes from './collections.module.css';
import { JsonField, parseObject } from './JsonField';

interface Props {
  connection: Connection;
  onClose(): void;
  onCreated(name: string): void;
}

export function NewCollection({ connection, onClose, onCreated }: Props) {
  const [name, setName] = useState('');
  const [options, setOptions] = useState('');
  const create = useAction('collection:create', {
    quiet: true,
    onSuccess: (_, payload) => {
      notifySuccess(`${payload.name} is created on ${connection.name}`);
      onCreated(payload.name);
    },
  });
  const parsed = parseObject(options);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (parsed) create.mutate({ connection: connection.id, name: name.trim(), options: parsed });
  };
  return (
    <Modal opened onClose={onClose} title={`New collection on ${connection.name}`} size={520}>
      <form onSubmit={submit} className={classes.form}>
        <TextInput
          label="Name"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          spellCheck={false}
        />
        <JsonField
          label="Options"
          description={'As createCollection takes them, e.g. {"capped": true, "size": 1048576}'}
          value={options}
          onChange={setOptions}
        />
        {create.error && !isDeclined(create.error) && <ErrorPanel error={create.error} compact />}
        <div className={dialogs.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name.trim() || !parsed} loading={create.isPending}>
            Create {name.trim() || 'it'} on {connection.name}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
