/** A new index on a collection (MongoDB): its keys in order, then the server's options. */
import { ActionIcon, Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { isDeclined, useAction } from '../../../api/actions';
import type { Connection } from '../../../api/types.generated';
import dialogs from '../../../components/dialogs.module.css';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { notifySuccess } from '../../../components/notify';
import classes from './collections.module.css';
import { JsonField, parseObject } from './JsonField';

const KINDS = [
  { value: '1', label: 'Ascending' },
  { value: '-1', label: 'Descending' },
  { value: 'text', label: 'Text' },
  { value: 'hashed', label: 'Hashed' },
  { value: '2dsphere', label: '2dsphere' },
];

interface Key {
  id: number;
  field: string;
  kind: string;
}

interface Props {
  connection: Connection;
  collection: string;
  onClose(): void;
}

export function NewIndex({ connection, collection, onClose }: Props) {
  const [keys, setKeys] = useState<Key[]>([{ id: 0, field: '', kind: '1' }]);
  const [unique, setUnique] = useState(false);
  const [options, setOptions] = useState('');
  const create = useAction('collection:create-index', {
    quiet: true,
    onSuccess: ({ name }) => {
      notifySuccess(`Index ${name} is created on ${collection}`);
      onClose();
    },
  });
  const parsed = parseObject(options);
  const filled = keys.filter((key) => key.field.trim());
  const change = (id: number, part: Partial<Key>) =>
    setKeys(keys.map((key) => (key.id === id ? { ...key, ...part } : key)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!parsed || filled.length === 0) return;
    create.mutate({
      connection: connection.id,
      collection,
      keys: filled.map(({ field, kind }) => ({
        field: field.trim(),
        kind: Number.isNaN(Number(kind)) ? kind : Number(kind),
      })),
      options: unique ? { ...parsed, unique: true } : parsed,
    });
  };
  return (
    <Modal opened onClose={onClose} title={`New index on ${collection}`} size={520}>
      <form onSubmit={submit} className={classes.form}>
        <fieldset className={classes.keys}>
          <legend>Fields, in order</legend>
          {keys.map((key, at) => (
            <div key={key.id} className={classes.key}>
              <TextInput
                className={classes.grow}
                aria-label={`Field ${at + 1}`}
                placeholder="email"
                data-autofocus={at === 0 || undefined}
                value={key.field}
                onChange={(event) => change(key.id, { field: event.currentTarget.value })}
                spellCheck={false}
              />
              <Select
                aria-label={`Kind of field ${at + 1}`}
                w={130}
                data={KINDS}
                value={key.kind}
                onChange={(kind) => change(key.id, { kind: kind ?? '1' })}
              />
              <ActionIcon
                aria-label={`Leave out field ${at + 1}`}
                disabled={keys.length === 1}
                onClick={() => setKeys(keys.filter((one) => one.id !== key.id))}
              >
                <IconX size={15} />
              </ActionIcon>
            </div>
          ))}
          <Button
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            onClick={() =>
              setKeys([...keys, { id: Math.max(...keys.map((one) => one.id)) + 1, field: '', kind: '1' }])
            }
          >
            Another field
          </Button>
        </fieldset>
        <Checkbox
          label="Unique"
          checked={unique}
          onChange={(event) => setUnique(event.currentTarget.checked)}
        />
        <JsonField
          label="More options"
          description={'As createIndex takes them, e.g. {"expireAfterSeconds": 3600}'}
          value={options}
          onChange={setOptions}
          rows={2}
        />
        {create.error && !isDeclined(create.error) && <ErrorPanel error={create.error} compact />}
        <div className={dialogs.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={filled.length === 0 || !parsed} loading={create.isPending}>
            Create the index on {connection.name}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
