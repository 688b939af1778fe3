/** The password of a connection that asks for it at each start. Mounted once, by the frame. */
import { Button, Modal, PasswordInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useAction } from '../api/actions';
import { useConnections } from '../api/connections';
import { useStore } from '../lib/store';
import classes from './dialogs.module.css';
import { ErrorPanel } from './ErrorPanel';
import { unlockAsked } from './unlock';

export function UnlockDialog() {
  const asked = useStore(unlockAsked);
  return asked && <Unlock key={asked.connection} connection={asked.connection} then={asked.then} />;
}

function Unlock({ connection, then }: { connection: string; then?: () => void }) {
  const { data } = useConnections();
  const name = data?.connections.find((one) => one.id === connection)?.name ?? connection;
  const [password, setPassword] = useState('');
  const close = () => unlockAsked.set(null);
  const unlock = useAction('connection:unlock', {
    quiet: true,
    onSuccess: () => {
      close();
      then?.();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    unlock.mutate({ connection, password });
  };
  return (
    <Modal opened onClose={close} title={`Password of ${name}`} size={420}>
      <form onSubmit={submit}>
        <PasswordInput
          label="Password"
          description="Kept in memory until DB Toolkit ends, and nowhere else."
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        {unlock.error && (
          <div className={classes.error}>
            <ErrorPanel error={unlock.error} compact />
          </div>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={unlock.isPending} disabled={!password}>
            Unlock {name}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
