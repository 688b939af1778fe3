/** Makes a collection, where the database has such and may be changed. */
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Connection } from '../../../api/types.generated';
import { NewCollection } from './NewCollection';

interface Props {
  connection: Connection;
  onCreated(name: string): void;
}

export function AddCollection({ connection, onCreated }: Props) {
  const [isAsked, setAsked] = useState(false);
  if (connection.engine !== 'mongodb' || connection.read_only) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setAsked(true)}>
        New collection
      </Button>
      {isAsked && (
        <NewCollection
          connection={connection}
          onClose={() => setAsked(false)}
          onCreated={(name) => {
            setAsked(false);
            onCreated(name);
          }}
        />
      )}
    </>
  );
}
