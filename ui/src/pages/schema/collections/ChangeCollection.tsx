/** What a collection can be given at once, without a migration: an index, and a rule for its documents. */
import { Button } from '@mantine/core';
import { IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { Connection } from '../../../api/types.generated';
import { NewIndex } from './NewIndex';
import { Validator } from './Validator';

interface Props {
  connection: Connection;
  collection: string;
  /** Time series take indexes, and no rule. */
  kind: string;
}

export function ChangeCollection({ connection, collection, kind }: Props) {
  const [dialog, setDialog] = useState<'index' | 'validator' | null>(null);
  if (connection.read_only || !['collection', 'time_series'].includes(kind)) return null;
  return (
    <>
      {kind === 'collection' && (
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={15} />}
          onClick={() => setDialog('validator')}
        >
          Validator
        </Button>
      )}
      <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setDialog('index')}>
        Index
      </Button>
      {dialog === 'index' && (
        <NewIndex connection={connection} collection={collection} onClose={() => setDialog(null)} />
      )}
      {dialog === 'validator' && (
        <Validator connection={connection} collection={collection} onClose={() => setDialog(null)} />
      )}
    </>
  );
}
