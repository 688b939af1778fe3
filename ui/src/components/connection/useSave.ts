/** Saving a new connection: the URL is composed, the connection saved, and its database made where that was wished. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act } from '../../api/actions';
import { type ChannelError, invoke, type Request } from '../../api/invoke';
import { refresh, useChannel } from '../../api/queries';
import type { Connection, ConnectionTest, SecretPlace } from '../../api/types.generated';
import { notifyError } from '../notify';

export type NewConnectionRequest = Request<'connection:create'>;

/** The keychain where there is one, else the .env file. */
export function useSecretPlace(): [SecretPlace, (place: SecretPlace) => void] {
  const { data: app } = useChannel('app:info', {});
  const [chosen, setChosen] = useState<SecretPlace | null>(null);
  return [chosen ?? (app?.keychain === false ? 'env_file' : 'keychain'), setChosen];
}

/** Test a URL that is not saved. */
export function useTest(urlOf: () => Promise<string>) {
  return useMutation<ConnectionTest, ChannelError, void>({
    mutationFn: async () => invoke('connection:test', { url: await urlOf() }),
  });
}

interface Saving {
  request: NewConnectionRequest;
  /** As typed; a connection that asks for it is given it at once. */
  password: string | undefined;
  createDatabase: boolean;
}

export function useSave(onDone: (connection: Connection) => void) {
  const client = useQueryClient();
  return useMutation<Connection, ChannelError, () => Promise<Saving>>({
    mutationFn: async (compose) => {
      const { request, password, createDatabase } = await compose();
      const connection = await invoke('connection:create', request);
      // A wrong password is told by the page that is opened next.
      if (connection.secret === 'ask' && password)
        await invoke('connection:unlock', { connection: connection.id, password }).catch(() => undefined);
      // The connection is saved either way: that its database could not be made is told, not undone.
      if (createDatabase) await act('database:create', { connection: connection.id }).catch(notifyError);
      return connection;
    },
    onSuccess: async (connection) => {
      await refresh(client, ['connection:']);
      onDone(connection);
    },
  });
}
