/** The typed consent: what would be lost, and the connection's name to type. Mounted once, by the frame. */
import { Button, Modal, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { consentAsked } from '../api/consent';
import { useStore } from '../lib/store';
import classes from './dialogs.module.css';

/** What was asked for, with its target in it. */
const ACTIONS: Record<string, string> = {
  'migration:up': 'Apply to',
  'migration:down': 'Roll back on',
  'migration:retry': 'Retry on',
  'migration:redo': 'Redo on',
  'migration:baseline': 'Mark on',
  'migration:delete': 'Delete the file of',
  'migration:update': 'Save on',
  'convert:run': 'Convert into',
  'convert:baseline': 'Write the first migration of',
  'connection:delete': 'Remove',
  'connection:update': 'Save',
  'database:create': 'Create the database of',
  'database:drop': 'Drop the database of',
  'backup:delete': 'Delete the backup of',
  'backup:restore': 'Restore on',
  'schema:load': 'Load the schema into',
  'collection:create': 'Create the collection on',
  'collection:create-index': 'Create the index on',
  'collection:set-validator': 'Set the validator on',
};

export function ConsentDialog() {
  const asked = useStore(consentAsked);
  return asked && <Question key={`${asked.channel} ${asked.message}`} asked={asked} />;
}

function Question({ asked }: { asked: NonNullable<ReturnType<typeof consentAsked.get>> }) {
  const [typed, setTyped] = useState('');
  const action = `${ACTIONS[asked.channel] ?? 'Go on with'} ${asked.confirm}`;
  const matches = typed.trim() === asked.confirm;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (matches) asked.answer(asked.confirm);
  };
  return (
    <Modal
      opened
      onClose={() => asked.answer(null)}
      title={
        <span className={classes.warningTitle}>
          <IconAlertTriangle size={18} aria-hidden /> {action}?
        </span>
      }
      size={480}
    >
      <form onSubmit={submit}>
        <p className={classes.text}>{asked.message}</p>
        {asked.losses.length > 0 && (
          <div className={classes.losses}>
            <div className={classes.lossesTitle}>What would be lost</div>
            <ul>
              {asked.losses.map((loss) => (
                <li key={loss}>{loss}</li>
              ))}
            </ul>
          </div>
        )}
        <TextInput
          mt="md"
          label={
            <>
              Type <code className={classes.word}>{asked.confirm}</code> to go on
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => asked.answer(null)}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!matches}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
