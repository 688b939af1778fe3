/** A collection's validation schema (MongoDB). Checking counts the documents it would refuse, and changes nothing. */
import { Button, Modal, Select } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { isDeclined, useAction } from '../../../api/actions';
import type { Connection } from '../../../api/types.generated';
import dialogs from '../../../components/dialogs.module.css';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { notifySuccess } from '../../../components/notify';
import { plural } from '../../../lib/format';
import classes from './collections.module.css';
import { JsonField, parseObject } from './JsonField';

const START = `{
  "$jsonSchema": {
    "bsonType": "object",
    "required": [],
    "properties": {}
  }
}`;

const LEVELS = [
  { value: 'strict', label: 'Every write' },
  { value: 'moderate', label: 'Inserts, and documents that are valid now' },
  { value: 'off', label: 'Nothing' },
];

interface Props {
  connection: Connection;
  collection: string;
  onClose(): void;
}

export function Validator({ connection, collection, onClose }: Props) {
  const [text, setText] = useState(START);
  const [level, setLevel] = useState('strict');
  const [action, setAction] = useState('error');
  const validator = parseObject(text);
  const check = useAction('collection:check-validator', { quiet: true });
  const set = useAction('collection:set-validator', {
    quiet: true,
    onSuccess: ({ invalid_documents: invalid }) => {
      notifySuccess(
        `The validator of ${collection} is set`,
        invalid > 0 ? `${plural(invalid, 'document')} in it would not pass.` : undefined,
      );
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!validator) return;
    set.mutate({
      connection: connection.id,
      collection,
      validator,
      level: level as 'strict',
      action: action as 'error',
    });
  };
  const invalid = check.data?.invalid_documents;
  const problem = set.error && !isDeclined(set.error) ? set.error : check.error;
  return (
    <Modal opened onClose={onClose} title={`Validator of ${collection}`} size={600}>
      <form onSubmit={submit} className={classes.form}>
        <JsonField
          label="Validator"
          description="It replaces the validator the collection has now."
          value={text}
          rows={8}
          onChange={(value) => {
            setText(value);
            check.reset();
          }}
        />
        <div className={classes.key}>
          <Select
            className={classes.grow}
            label="Checks"
            data={LEVELS}
            value={level}
            onChange={(value) => setLevel(value ?? 'strict')}
          />
          <Select
            className={classes.grow}
            label="A document that does not pass"
            data={[
              { value: 'error', label: 'is refused' },
              { value: 'warn', label: 'is written, and logged' },
            ]}
            value={action}
            onChange={(value) => setAction(value ?? 'error')}
          />
        </div>
        {invalid !== undefined && (
          <div className={classes.verdict} role="status">
            {invalid === 0 ? (
              <>
                <IconCircleCheck size={16} className={classes.good} aria-hidden /> Every document in{' '}
                {collection} passes.
              </>
            ) : (
              <>
                <IconAlertTriangle size={16} className={classes.doubt} aria-hidden />{' '}
                {plural(invalid, 'document')} in {collection} would not pass.
              </>
            )}
          </div>
        )}
        {problem && <ErrorPanel error={problem} compact />}
        <div className={dialogs.buttons}>
          <Button
            variant="default"
            mr="auto"
            disabled={!validator}
            loading={check.isPending}
            onClick={() => validator && check.mutate({ connection: connection.id, collection, validator })}
          >
            Check the documents
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!validator} loading={set.isPending}>
            Set it on {connection.name}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
