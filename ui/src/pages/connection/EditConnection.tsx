/** Changing a connection. Only what was changed is sent; `***` as the password keeps the stored one. */
import { Button, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { act, isDeclined, useAction } from '../../api/actions';
import { useEngine } from '../../api/connections';
import { type ChannelError, invoke, type Request } from '../../api/invoke';
import { refresh, useChannel } from '../../api/queries';
import type { Connection, EngineInfo, SecretPlace } from '../../api/types.generated';
import {
  CommonFields,
  type CommonValues,
  FolderField,
  SecretField,
} from '../../components/connection/CommonFields';
import { EngineFields, type FieldValues, filledValues } from '../../components/connection/EngineFields';
import { TestResult } from '../../components/connection/TestResult';
import { ErrorPanel } from '../../components/ErrorPanel';
import { notifySuccess } from '../../components/notify';
import classes from './connection.module.css';

/** How the backend writes a password it does not show; sent back, it keeps the stored one. */
const KEPT = '***';

/** What has no scratch to rehearse on. */
const UNREHEARSED = new Set(['bigquery', 'spanner']);

type Changes = Request<'connection:update'>;

export function EditConnection({ connection }: { connection: Connection }) {
  const engine = useEngine(connection.engine);
  const parts = useChannel(
    'connection:split-url',
    { url: connection.url },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (!engine || parts.isPending) return null;
  // Keyed by the URL: after a save the form starts from what was saved.
  return (
    <Form key={connection.url} connection={connection} engine={engine} start={parts.data?.fields ?? null} />
  );
}

interface FormProps {
  connection: Connection;
  engine: EngineInfo;
  /** The URL's parts; null where the URL as a whole is a variable or cannot be taken apart. */
  start: FieldValues | null;
}

function Form({ connection, engine, start }: FormProps) {
  const client = useQueryClient();
  const keeps = start?.password === KEPT;
  const [fields, setFields] = useState<FieldValues>({ ...start, ...(keeps && { password: '' }) });
  const [url, setUrl] = useState(connection.url);
  const [common, setCommon] = useState<CommonValues>({
    name: connection.name,
    environment: connection.environment,
    read_only: connection.read_only,
    color: connection.color,
  });
  const [table, setTable] = useState(connection.migrations_table);
  const [rehearsed, setRehearsed] = useState(connection.require_rehearsal);
  const [place, setPlace] = useState<SecretPlace>(connection.secret);
  const [variable, setVariable] = useState(variableIn(start?.password));
  const [folder, setFolder] = useState<string | null>(null);
  const hasPassword = engine.fields.some((field) => field.kind === 'password') && start !== null;
  const password =
    place === 'variable' && hasPassword ? `\${${variable.trim()}}` : fields.password || (keeps ? KEPT : '');
  const withSecret = { ...fields, password };
  const isUrlChanged = start ? !sameFields(engine, withSecret, start) : url.trim() !== connection.url;

  const composeUrl = async () =>
    start
      ? (
          await invoke('connection:build-url', {
            engine: engine.name,
            fields: filledValues(engine.fields, withSecret),
          })
        ).url
      : url.trim();

  const changes = changesOf(connection, common, { table, place, folder, rehearsed });
  const isDirty = isUrlChanged || Object.keys(changes).length > 0;
  const save = useMutation<Connection, ChannelError>({
    mutationFn: async () => {
      const request: Changes = { connection: connection.id, ...changes };
      if (isUrlChanged) request.url = await composeUrl();
      return act('connection:update', request);
    },
    onSuccess: async (saved) => {
      notifySuccess(`${saved.name} is saved`);
      setFolder(null);
      await refresh(client, ['connection:', 'migration:', 'schema:']);
    },
  });
  const test = useAction('connection:test', { quiet: true });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <CommonFields values={common} onChange={setCommon} />
      <hr className={classes.rule} />
      {start ? (
        <EngineFields
          fields={engine.fields
            .filter((field) => field.kind !== 'password' || place !== 'variable')
            .map((field) =>
              field.kind === 'password' && keeps ? { ...field, placeholder: 'Kept as it is' } : field,
            )}
          values={fields}
          onChange={setFields}
        />
      ) : (
        <TextInput
          label="URL"
          classNames={{ input: 'mono' }}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          spellCheck={false}
        />
      )}
      {hasPassword && place !== 'none' && (
        <SecretField place={place} onPlace={setPlace} variable={variable} onVariable={setVariable} />
      )}
      <hr className={classes.rule} />
      {!connection.adopted && (
        <FolderField folder={folder} onFolder={setFolder} own={connection.migrations_dir} />
      )}
      <TextInput
        label={engine.tool === 'dbmate' ? 'Migrations table' : 'Changelog collection'}
        description="Where the applied migrations are recorded."
        classNames={{ input: 'mono' }}
        value={table}
        onChange={(event) => setTable(event.currentTarget.value)}
        spellCheck={false}
      />
      {!UNREHEARSED.has(engine.name) && (
        <Switch
          label="Take only rehearsed migrations"
          description="A run refuses files whose very text has not passed a rehearsal on the schema as it is."
          checked={rehearsed}
          onChange={(event) => setRehearsed(event.currentTarget.checked)}
        />
      )}
      {save.error && !isDeclined(save.error) && <ErrorPanel error={save.error} compact />}
      <TestResult result={test.data} error={test.error} connection={connection.id} />
      <div className={classes.foot}>
        <Button
          variant="default"
          loading={test.isPending}
          disabled={isUrlChanged}
          title={isUrlChanged ? 'Save first: the test uses the saved connection' : undefined}
          onClick={() => test.mutate({ connection: connection.id })}
        >
          Test {connection.name}
        </Button>
        <Button type="submit" disabled={!isDirty} loading={save.isPending}>
          Save {connection.name}
        </Button>
      </div>
    </form>
  );
}

interface Others {
  table: string;
  place: SecretPlace;
  folder: string | null;
  rehearsed: boolean;
}

function changesOf(
  connection: Connection,
  common: CommonValues,
  { table, place, folder, rehearsed }: Others,
): Partial<Changes> {
  const changes: Partial<Changes> = {};
  if (common.name.trim() !== connection.name) changes.name = common.name.trim();
  if (common.environment !== connection.environment) changes.environment = common.environment;
  if (common.read_only !== connection.read_only) changes.read_only = common.read_only;
  if (common.color !== connection.color) changes.color = common.color;
  if (table.trim() !== connection.migrations_table) changes.migrations_table = table.trim();
  if (place !== connection.secret) changes.secret = place;
  if (folder) changes.migrations_dir = folder;
  if (rehearsed !== connection.require_rehearsal) changes.require_rehearsal = rehearsed;
  return changes;
}

const variableIn = (password: string | undefined) => /^\$\{(\w+)\}$/.exec(password ?? '')?.[1] ?? '';

const sameFields = (engine: EngineInfo, a: FieldValues, b: FieldValues) =>
  engine.fields.every(({ name }) => (a[name] ?? '') === (b[name] ?? ''));
