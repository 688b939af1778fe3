/** A new migration: say what it does, and its file is made and opened. `?from=` starts it with another one's text. */
import { Button, TextInput } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useAction } from '../../api/actions';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Kbd } from '../../components/Kbd';
import { Page } from '../../components/Page';
import { useCommands } from '../../lib/commands';
import { shortPath } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './editor.module.css';

export function NewMigration({ connection }: { connection: Connection }) {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const from = params.get('from');
  const [name, setName] = useState('');
  const source = useChannel(
    'migration:read',
    { connection: connection.id, version: from ?? '' },
    { enabled: from !== null },
  );
  const create = useAction('migration:new', {
    quiet: true,
    onSuccess: (made) => navigate(paths.editor(connection.id, made.filename), { replace: true }),
  });
  useEffect(() => {
    if (source.data) setName((typed) => typed || `${source.data.migration.name}_copy`);
  }, [source.data]);
  useCommands([
    {
      id: 'leave-new',
      label: 'Back to the migrations',
      group: 'Editor',
      keys: 'escape',
      whileTyping: true,
      hidden: true,
      run: () => navigate(paths.migrations(connection.id)),
    },
  ]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    create.mutate({
      connection: connection.id,
      name: name.trim(),
      ...(source.data ? { content: source.data.content } : {}),
    });
  };
  return (
    <Page title={from ? 'Duplicate a migration' : 'New migration'} width="read">
      <form onSubmit={submit} className={classes.newForm}>
        <TextInput
          label="What does it do?"
          description={
            from ? (
              <>
                Starts with the text of <span className="mono">{from}</span>, under a version of its own.
              </>
            ) : (
              'A few words: they become the file’s name.'
            )
          }
          placeholder="create users"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
        <p className={classes.newFile} aria-live="polite">
          {name.trim() ? (
            <>
              <span className="mono">{fileName(name, connection)}</span> in{' '}
              <span className="mono">{shortPath(connection.migrations_dir)}</span>
            </>
          ) : (
            <span className="faint">The file is made in {shortPath(connection.migrations_dir)}.</span>
          )}
        </p>
        {source.error && <ErrorPanel error={source.error} compact />}
        {create.error && <ErrorPanel error={create.error} connection={connection.id} compact />}
        <div className={classes.newButtons}>
          <Button
            type="submit"
            size="sm"
            loading={create.isPending}
            disabled={!name.trim() || (from !== null && !source.data)}
            leftSection={<IconFilePlus size={16} />}
          >
            Create for {connection.name}
          </Button>
          <Button
            size="sm"
            variant="subtle"
            color="gray"
            onClick={() => navigate(paths.migrations(connection.id))}
          >
            Cancel
          </Button>
          <EnvironmentTag environment={connection.environment} />
          <span className={classes.newHint}>
            <Kbd keys="enter" /> Nothing runs until you apply it.
          </span>
        </div>
      </form>
    </Page>
  );
}

/** About what the backend will name it: the moment of creation decides. */
function fileName(name: string, connection: Connection): string {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 12);
  const isMongo = connection.engine === 'mongodb';
  const join = isMongo ? '-' : '_';
  const words =
    name
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return `${stamp}…${join}${words.join(join)}${isMongo ? '.js' : '.sql'}`;
}
