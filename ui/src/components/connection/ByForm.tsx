/** A new connection by form: the engine, then what this engine's URL is made of. */
import { Alert, Button, Checkbox, UnstyledButton } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useEngines } from '../../api/connections';
import { invoke } from '../../api/invoke';
import type { Connection, EngineInfo, EngineName } from '../../api/types.generated';
import { EngineIcon } from '../EngineIcon';
import { ErrorPanel } from '../ErrorPanel';
import { COMMON, CommonFields, type CommonValues, FolderField, SecretField } from './CommonFields';
import classes from './connection.module.css';
import { EngineFields, type FieldValues, filledValues, initialValues, missingFields } from './EngineFields';
import { LocalForm } from './LocalForm';
import { TestResult } from './TestResult';
import { useSave, useSecretPlace, useTest } from './useSave';

export interface FormStart {
  key: string;
  engine: EngineName;
  fields: FieldValues;
}

interface Props {
  start: FormStart | null;
  onDone(connection: Connection): void;
  onCancel(): void;
}

export function ByForm({ start, onDone, onCancel }: Props) {
  const engines = useEngines();
  const [chosen, setChosen] = useState<EngineName | null>(start?.engine ?? null);
  const [isLocal, setLocal] = useState(false);
  const engine = engines.find((one) => one.name === chosen) ?? engines[0];
  return (
    <div className={classes.stack}>
      <div className={classes.engines} role="radiogroup" aria-label="Engine">
        {engines.map((one) => (
          <UnstyledButton
            key={one.name}
            role="radio"
            aria-checked={one.name === engine?.name}
            className={classes.engine}
            onClick={() => {
              setChosen(one.name);
              setLocal(false);
            }}
          >
            <EngineIcon engine={one.name} />
            {one.label}
          </UnstyledButton>
        ))}
      </div>
      {engine?.name === 'postgres' && !start && !isLocal && (
        <div className={classes.offer}>
          <span>
            <strong>No server at hand?</strong> A PostgreSQL comes with DB Toolkit.
          </span>
          <Button variant="default" onClick={() => setLocal(true)}>
            Start a local PostgreSQL
          </Button>
        </div>
      )}
      {isLocal && <LocalForm onDone={onDone} onBack={() => setLocal(false)} />}
      {engine && !isLocal && (
        <EngineForm
          key={engine.name}
          engine={engine}
          start={start?.engine === engine.name ? start.fields : null}
          onDone={onDone}
          onCancel={onCancel}
        />
      )}
    </div>
  );
}

interface EngineFormProps {
  engine: EngineInfo;
  start: FieldValues | null;
  onDone(connection: Connection): void;
  onCancel(): void;
}

function EngineForm({ engine, start, onDone, onCancel }: EngineFormProps) {
  const [fields, setFields] = useState<FieldValues>(() => ({ ...initialValues(engine.fields), ...start }));
  const [common, setCommon] = useState<CommonValues>({ ...COMMON, name: start?.database ?? '' });
  const [place, setPlace] = useSecretPlace();
  const [variable, setVariable] = useState('');
  const [folder, setFolder] = useState<string | null>(null);
  const [createDatabase, setCreateDatabase] = useState(true);
  const [checked, setChecked] = useState(false);
  const [submitted, setSubmitted] = useState(false);
  const hasPassword = engine.fields.some((field) => field.kind === 'password');
  const usesVariable = hasPassword && place === 'variable';

  const shownFields = usesVariable
    ? engine.fields.filter((field) => field.kind !== 'password')
    : engine.fields;
  const values = usesVariable ? { ...fields, password: `\${${variable.trim()}}` } : fields;
  const missing = missingFields(engine.fields, values);
  const isComplete =
    Object.keys(missing).length === 0 &&
    common.name.trim() !== '' &&
    (!usesVariable || variable.trim() !== '');

  const buildUrl = async () =>
    (
      await invoke('connection:build-url', {
        engine: engine.name,
        fields: filledValues(engine.fields, values),
      })
    ).url;
  const test = useTest(buildUrl);
  const save = useSave(onDone);
  const isNewDatabase =
    test.data?.database_exists === false && engine.capabilities.create_database?.supported;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    setSubmitted(true);
    if (!isComplete) return;
    save.mutate(async () => ({
      request: {
        ...common,
        url: await buildUrl(),
        migrations_dir: folder,
        secret: hasPassword ? place : null,
      },
      password: fields.password,
      createDatabase: Boolean(isNewDatabase && createDatabase),
    }));
  };
  const runTest = () => {
    setChecked(true);
    if (Object.keys(missing).length === 0) test.mutate();
  };
  return (
    <form onSubmit={submit} className={classes.stack} noValidate>
      {!engine.available && (
        <Alert color="yellow" title={`${engine.label} cannot be used here yet`}>
          {engine.problem}
        </Alert>
      )}
      <EngineFields
        fields={shownFields}
        values={fields}
        errors={checked ? missing : undefined}
        onChange={(next) => {
          setFields(next);
          test.reset();
        }}
      />
      {hasPassword && (
        <SecretField place={place} onPlace={setPlace} variable={variable} onVariable={setVariable} />
      )}
      <div className={classes.rule} />
      <CommonFields
        values={common}
        onChange={setCommon}
        nameError={submitted && !common.name.trim() ? 'Name is needed' : undefined}
      />
      <FolderField folder={folder} onFolder={setFolder} own="A folder of its own in DB Toolkit" />
      <TestResult result={test.data} error={test.error} onRetry={runTest}>
        {isNewDatabase && (
          <Checkbox
            mt={4}
            label="Create the database when saving"
            checked={createDatabase}
            onChange={(event) => setCreateDatabase(event.currentTarget.checked)}
          />
        )}
      </TestResult>
      {save.error && <ErrorPanel error={save.error} compact />}
      <div className={classes.foot}>
        <Button variant="default" loading={test.isPending} onClick={runTest}>
          Test
        </Button>
        <div>
          <Button variant="subtle" color="gray" mr={8} onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save {common.name.trim() || 'connection'}
          </Button>
        </div>
      </div>
    </form>
  );
}
