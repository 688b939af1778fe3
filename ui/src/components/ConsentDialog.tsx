/** The typed consent: what would be lost, and the connection's name to type. Mounted once, by the frame. */
import { Button, Modal, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { consentAsked } from '../api/consent';
import { useStore } from '../lib/store';
import classes from './dialogs.module.css';

const VERBS: Record<string, string> = {
  'migration:up': 'Apply',
  'migration:down': 'Roll back',
  'migration:retry': 'Retry',
  'migration:redo': 'Redo',
  'migration:baseline': 'Mark',
  'migration:delete': 'Delete the file',
  'migration:update': 'Save',
  'connection:delete': 'Remove the connection',
  'connection:update': 'Save the connection',
  'database:create': 'Create the database',
  'database:drop': 'Drop the database',
  'schema:load': 'Load the schema',
  'collection:create': 'Create the collection',
  'collection:create-index': 'Create the index',
  'collection:set-validator': 'Set the validator',
};

export function ConsentDialog() {
  const asked = useStore(consentAsked);
  return asked && <Question key={`${asked.channel} ${asked.message}`} asked={asked} />;
}

function Question({ asked }: { asked: NonNullable<ReturnType<typeof consentAsked.get>> }) {
  const [typed, setTyped] = useState('');
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
          <IconAlertTriangle size={18} aria-hidden /> {asked.title}
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
            {VERBS[asked.channel] ?? 'Go on'} – {asked.confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
