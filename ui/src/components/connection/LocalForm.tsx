/** A new database on the PostgreSQL that comes with the app. */
import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/actions';
import { useJobs } from '../../api/jobs';
import { refresh } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import { ErrorPanel } from '../ErrorPanel';
import { COMMON, CommonFields, type CommonValues, FolderField } from './CommonFields';
import classes from './connection.module.css';

interface Props {
  onDone(connection: Connection): void;
  onBack(): void;
}

export function LocalForm({ onDone, onBack }: Props) {
  const client = useQueryClient();
  const [common, setCommon] = useState<CommonValues>(COMMON);
  const [folder, setFolder] = useState<string | null>(null);
  const [submitted, setSubmitted] = useState(false);
  const make = useAction('connection:create-local', {
    quiet: true,
    onSuccess: async (connection) => {
      await refresh(client, ['connection:']);
      onDone(connection);
    },
  });
  const job = useJobs().find((one) => one.channel === 'connection:create-local' && one.state === 'running');
  const name = common.name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSubmitted(true);
    if (!name) return;
    make.mutate({ ...common, name, migrations_dir: folder });
  };
  return (
    <form onSubmit={submit} className={classes.stack} noValidate>
      <p className={`dim ${classes.say}`}>
        It listens on this machine only, with a random password, runs while DB Toolkit does, and keeps its
        data in DB Toolkit’s folder. You get an empty database of your own on it.
      </p>
      <CommonFields
        values={common}
        onChange={setCommon}
        nameError={submitted && !name ? 'Name is needed' : undefined}
      />
      <FolderField folder={folder} onFolder={setFolder} own="A folder of its own in DB Toolkit" />
      {make.isPending && (
        <p role="status" className={`dim ${classes.say}`}>
          {job?.message || 'Starting the local PostgreSQL'}…
        </p>
      )}
      {make.error && <ErrorPanel error={make.error} compact />}
      <div className={classes.foot}>
        <Button variant="default" onClick={onBack} disabled={make.isPending}>
          Use another server
        </Button>
        <Button type="submit" loading={make.isPending}>
          Start and create {name || 'database'}
        </Button>
      </div>
    </form>
  );
}
