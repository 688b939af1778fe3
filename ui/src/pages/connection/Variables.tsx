/** The variables of a connection: for the URL's ${NAMES} and for migrations. Secret values never come back. */
import { ActionIcon, Button, Checkbox, Table, TextInput, Tooltip } from '@mantine/core';
import { IconEyeOff, IconPlus, IconTrash, IconVariable } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/actions';
import { useChannel } from '../../api/queries';
import type { Connection, Variable } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import classes from './connection.module.css';

const SOURCES: Record<string, string> = {
  connection: 'This connection',
  project: 'The project’s .env',
  process: 'The environment',
};

export function Variables({ connection }: { connection: Connection }) {
  const { data, error, refetch } = useChannel('connection:variables', { connection: connection.id });
  const [editing, setEditing] = useState<Variable | 'new' | null>(null);
  const remove = useAction('connection:remove-variable');
  if (error) return <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />;
  if (!data) return null;
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
      Add a variable
    </Button>
  );
  return (
    <>
      <p className={classes.lead}>
        {
          'Fills ${NAMES} in the URL, and reaches migrations as environment variables. Secret values are kept in the keychain where there is one, and are never shown again.'
        }
      </p>
      {data.variables.length === 0 && editing === null ? (
        <EmptyState icon={<IconVariable size={22} stroke={1.7} />} title="No variables" actions={add}>
          Add one to use it in the URL or in a migration.
        </EmptyState>
      ) : (
        <Table verticalSpacing={4} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>From</Table.Th>
              <Table.Th>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.variables.map((variable) => (
              <Table.Tr key={variable.name}>
                <Table.Td className="mono">{variable.name}</Table.Td>
                <Table.Td className={`mono ${classes.value}`}>
                  {variable.secret ? (
                    <span className={classes.secret}>
                      <IconEyeOff size={14} aria-hidden /> secret
                    </span>
                  ) : (
                    variable.value
                  )}
                </Table.Td>
                <Table.Td className="dim">{SOURCES[variable.source] ?? variable.source}</Table.Td>
                <Table.Td className={classes.rowActions}>
                  {variable.source === 'connection' && (
                    <>
                      <Button variant="subtle" size="compact-xs" onClick={() => setEditing(variable)}>
                        Change
                      </Button>
                      <Tooltip label={`Remove ${variable.name}`}>
                        <ActionIcon
                          aria-label={`Remove ${variable.name}`}
                          onClick={() => remove.mutate({ connection: connection.id, name: variable.name })}
                        >
                          <IconTrash size={15} />
                        </ActionIcon>
                      </Tooltip>
                    </>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {editing ? (
        <EditVariable
          key={editing === 'new' ? 'new' : editing.name}
          connection={connection.id}
          variable={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      ) : (
        data.variables.length > 0 && add
      )}
    </>
  );
}

interface EditProps {
  connection: string;
  variable: Variable | null;
  onClose(): void;
}

function EditVariable({ connection, variable, onClose }: EditProps) {
  const [name, setName] = useState(variable?.name ?? '');
  const [value, setValue] = useState(variable?.value ?? '');
  const [secret, setSecret] = useState(variable?.secret ?? false);
  const set = useAction('connection:set-variable', { quiet: true, onSuccess: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate({ connection, name: name.trim(), value, secret });
  };
  return (
    <form
      onSubmit={submit}
      className={classes.edit}
      aria-label={variable ? `Change ${variable.name}` : 'New variable'}
    >
      <div className={classes.editRow}>
        <TextInput
          label="Name"
          required
          disabled={variable !== null}
          classNames={{ input: 'mono' }}
          placeholder="SHOP_PASSWORD"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          spellCheck={false}
          data-autofocus
          autoFocus={variable === null}
        />
        <TextInput
          label="Value"
          className={classes.grow}
          classNames={{ input: 'mono' }}
          type={secret ? 'password' : 'text'}
          value={value}
          onChange={(event) => setValue(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <Checkbox
        label="Secret"
        checked={secret}
        onChange={(event) => setSecret(event.currentTarget.checked)}
      />
      {set.error && <ErrorPanel error={set.error} compact />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!name.trim()} loading={set.isPending}>
          Set {name.trim() || 'the variable'}
        </Button>
      </div>
    </form>
  );
}
