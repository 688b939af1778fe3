/** A new migration with the text of another one, under a name and version of its own. */
import { Button } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/actions';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { useCommands } from '../../lib/commands';
import { paths } from '../../lib/paths';
import { NameField } from './NameField';
import classes from './wizard.module.css';

export function Duplicate({ connection, from }: { connection: Connection; from: string }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const source = useChannel('migration:read', { connection: connection.id, version: from });
  const create = useAction('migration:new', {
    quiet: true,
    onSuccess: (made) => navigate(paths.editor(connection.id, made.filename), { replace: true }),
  });
  useEffect(() => {
    if (source.data) setName((typed) => typed || `${source.data.migration.name}_copy`);
  }, [source.data]);
  const leave = () => navigate(paths.migrations(connection.id));
  useCommands([
    {
      id: 'leave-new',
      label: 'Back to the migrations',
      group: 'Editor',
      keys: 'escape',
      whileTyping: true,
      hidden: true,
      run: leave,
    },
  ]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || !source.data) return;
    create.mutate({ connection: connection.id, name: name.trim(), content: source.data.content });
  };
  return (
    <Page title="Duplicate a migration" width="read">
      <form onSubmit={submit} className={classes.single}>
        <NameField
          connection={connection}
          value={name}
          onChange={setName}
          description={
            <>
              Starts with the text of <span className="mono">{from}</span>, under a version of its own.
            </>
          }
          autoFocus
        />
        {source.error && <ErrorPanel error={source.error} compact />}
        {create.error && <ErrorPanel error={create.error} connection={connection.id} compact />}
        <div className={classes.buttons}>
          <Button
            type="submit"
            size="sm"
            loading={create.isPending}
            disabled={!name.trim() || !source.data}
            leftSection={<IconCopy size={16} />}
          >
            Create for {connection.name}
          </Button>
          <Button size="sm" variant="subtle" color="gray" onClick={leave}>
            Cancel
          </Button>
          <EnvironmentTag environment={connection.environment} />
        </div>
      </form>
    </Page>
  );
}
