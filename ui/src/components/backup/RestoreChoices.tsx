/** Where a backup is restored to: over what is there, or beside it. */
import { Button, Radio, Select, Switch, TextInput } from '@mantine/core';
import { IconDatabaseImport } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef } from 'react';
import type { BackupListed, Connection } from '../../api/types.generated';
import { databaseName } from '../../lib/engines';
import { ErrorPanel } from '../ErrorPanel';
import classes from './backup.module.css';

export interface Choice {
  into: 'same' | 'new';
  database: string;
  /** The connection on whose server the new one is made. */
  on: string;
  add: boolean;
  safety: boolean;
}

/** What is asked first; beside what is there where that may not be written. */
export function firstChoice(connection: Connection): Choice {
  return {
    into: connection.read_only ? 'new' : 'same',
    database: newName(connection),
    on: connection.id,
    add: true,
    safety: true,
  };
}

function newName(connection: Connection): string {
  const name = databaseName(connection);
  const [, stem, suffix] = /^(.+?)(\.\w+)?$/.exec(name) ?? [];
  return connection.engine === 'sqlite' ? `${stem}_restored${suffix ?? '.db'}` : `${name}_restored`;
}

interface Props {
  backup: BackupListed;
  connection: Connection;
  connections: Connection[];
  choice: Choice;
  onChoose(change: Partial<Choice>): void;
  action: string;
  isBusy: boolean;
  onClose(): void;
  onRestore(): void;
}

export function RestoreChoices(props: Props) {
  const { backup, connection, connections, choice, onChoose, action, isBusy, onClose, onRestore } = props;
  const database = databaseName(connection);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  const servers = connections.filter((one) => one.engine === connection.engine && !one.read_only);
  const isFile = connection.engine === 'sqlite';
  const ready = backup.restorable && (choice.into === 'same' || choice.database.trim() !== '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !isBusy) onRestore();
  };
  if (!backup.restorable)
    return (
      <ErrorPanel
        error={{
          code: 'backup_failed',
          title: 'It cannot be restored',
          message: backup.restore_problem ?? 'This backup cannot be restored here.',
          hint: null,
        }}
        compact
      />
    );
  return (
    <form onSubmit={submit} className={classes.form}>
      <Radio.Group
        label="Where to"
        value={choice.into}
        onChange={(value) => onChoose({ into: value as Choice['into'] })}
      >
        <div className={classes.choices}>
          <Radio.Card
            value="same"
            className={classes.choice}
            disabled={connection.read_only}
            aria-label={`Into ${database}`}
          >
            <Radio.Indicator />
            <span>
              <strong>Into {database}</strong>
              <span className="dim">
                {connection.read_only
                  ? `${connection.name} is read-only: nothing can be written there.`
                  : 'Replaces what is there. You see what would be lost before anything happens.'}
              </span>
            </span>
          </Radio.Card>
          <Radio.Card value="new" className={classes.choice} aria-label="Into a new database">
            <Radio.Indicator />
            <span>
              <strong>Into a new {isFile ? 'file beside it' : 'database'}</strong>
              <span className="dim">
                Leaves {database} as it is: to look at it, or to take single rows back.
              </span>
            </span>
          </Radio.Card>
        </div>
      </Radio.Group>
      {choice.into === 'same' ? (
        <Switch
          aria-label={`Back up what is in ${database} now, first`}
          label={`Back up what is in ${database} now, first`}
          description={
            choice.safety
              ? 'So that this, too, can be taken back.'
              : 'Without it, what is there now is gone for good.'
          }
          checked={choice.safety}
          onChange={(event) => onChoose({ safety: event.currentTarget.checked })}
        />
      ) : (
        <div className={classes.fields}>
          <TextInput
            label={isFile ? 'Name of the new file' : 'Name of the new database'}
            classNames={{ input: 'mono' }}
            value={choice.database}
            onChange={(event) => onChoose({ database: event.currentTarget.value })}
            spellCheck={false}
            required
          />
          {servers.length > 1 && (
            <Select
              label={isFile ? 'Beside the file of' : 'On the server of'}
              value={choice.on}
              data={servers.map((one) => ({ value: one.id, label: one.name }))}
              onChange={(value) => value && onChoose({ on: value })}
            />
          )}
          <Switch
            label="Add a connection to it"
            checked={choice.add}
            onChange={(event) => onChoose({ add: event.currentTarget.checked })}
          />
        </div>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          ref={button}
          type="submit"
          color={choice.into === 'same' ? 'red' : undefined}
          disabled={!ready}
          loading={isBusy}
          leftSection={<IconDatabaseImport size={15} />}
        >
          {action}
        </Button>
      </div>
    </form>
  );
}
