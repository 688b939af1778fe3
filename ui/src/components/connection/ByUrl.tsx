/** A new connection by pasting a URL: it is taken apart as it is typed, so that one sees what it says. */
import { Button, Checkbox, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { useEngine } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection, EngineInfo } from '../../api/types.generated';
import { EngineIcon } from '../EngineIcon';
import { ErrorPanel } from '../ErrorPanel';
import type { FormStart } from './ByForm';
import { COMMON, CommonFields, type CommonValues, FolderField, SecretField } from './CommonFields';
import classes from './connection.module.css';
import { TestResult } from './TestResult';
import { useSave, useSecretPlace, useTest } from './useSave';

const SPLIT_AFTER_MS = 200;

interface Props {
  onDone(connection: Connection): void;
  onCancel(): void;
  onEdit(parts: FormStart): void;
}

export function ByUrl({ onDone, onCancel, onEdit }: Props) {
  const [url, setUrl] = useState('');
  const [common, setCommon] = useState<CommonValues>(COMMON);
  const [folder, setFolder] = useState<string | null>(null);
  const [place, setPlace] = useSecretPlace();
  const [createDatabase, setCreateDatabase] = useState(true);
  const [asked] = useDebouncedValue(url.trim(), SPLIT_AFTER_MS);
  // A URL may hold a password: its parts are forgotten as soon as the dialog closes.
  const parts = useChannel('connection:split-url', { url: asked }, { enabled: asked !== '', gcTime: 0 });
  const engine = useEngine(parts.data?.engine);
  const test = useTest(async () => url.trim());
  const save = useSave(onDone);
  const name = common.name || suggestedName(parts.data?.fields);
  const isNewDatabase =
    test.data?.database_exists === false && engine?.capabilities.create_database?.supported;
  const hasPassword =
    Boolean(parts.data?.fields.password) && !/^\$\{\w+\}$/.test(parts.data?.fields.password ?? '');

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!parts.data || !name) return;
    save.mutate(async () => ({
      request: {
        ...common,
        name,
        url: url.trim(),
        migrations_dir: folder,
        secret: hasPassword ? place : null,
      },
      password: parts.data?.fields.password,
      createDatabase: Boolean(isNewDatabase && createDatabase),
    }));
  };
  const { data } = parts;
  return (
    <form onSubmit={submit} className={classes.stack}>
      <Textarea
        label="URL"
        data-autofocus
        autosize
        minRows={2}
        maxRows={5}
        classNames={{ input: 'mono' }}
        placeholder="postgres://user:password@localhost:5432/shop"
        description="As dbmate or migrate-mongo would take it. ${NAMES} are filled from the connection’s variables."
        inputWrapperOrder={['label', 'input', 'description']}
        value={url}
        onChange={(event) => {
          setUrl(event.currentTarget.value);
          test.reset();
        }}
        spellCheck={false}
        autoComplete="off"
      />
      {parts.error && asked && <ErrorPanel error={parts.error} compact />}
      {data && asked && (
        <>
          <div className={classes.result}>
            <div className={classes.ok}>
              <EngineIcon engine={data.engine} /> {engine?.label ?? data.engine}
              <Button
                variant="subtle"
                ml="auto"
                onClick={() => onEdit({ key: asked, engine: data.engine, fields: data.fields })}
              >
                Edit as a form
              </Button>
            </div>
            <dl className={classes.parts}>
              {inFormOrder(data.fields, engine)
                .filter(([, value]) => value !== '')
                .map(([field, value]) => (
                  <div key={field} style={{ display: 'contents' }}>
                    <dt>{engine?.fields.find((one) => one.name === field)?.label ?? field}</dt>
                    <dd className="mono">
                      {isPassword(field) && !value.startsWith('${') ? '••••••••' : value}
                    </dd>
                  </div>
                ))}
            </dl>
          </div>
          {hasPassword && (
            <SecretField
              place={place === 'variable' ? 'env_file' : place}
              onPlace={setPlace}
              variable=""
              onVariable={() => undefined}
              withoutVariable
            />
          )}
          <CommonFields values={{ ...common, name }} onChange={setCommon} />
          <FolderField folder={folder} onFolder={setFolder} own="A folder of its own in DB Toolkit" />
        </>
      )}
      <TestResult result={test.data} error={test.error} onRetry={() => test.mutate()}>
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
        <Button variant="default" disabled={!data} loading={test.isPending} onClick={() => test.mutate()}>
          Test
        </Button>
        <div>
          <Button variant="subtle" color="gray" mr={8} onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" disabled={!data || !name} loading={save.isPending}>
            Save {name || 'connection'}
          </Button>
        </div>
      </div>
    </form>
  );
}

/** The parts as the form orders them. */
function inFormOrder(
  fields: Record<string, string>,
  engine: EngineInfo | undefined,
): Array<[string, string]> {
  const order = engine?.fields.map((field) => field.name) ?? [];
  return Object.entries(fields).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}

const isPassword = (field: string) => /password|secret|token/i.test(field);

/** The database's name, or the file's without its ending. */
export function suggestedName(fields: Record<string, string> | undefined): string {
  const file = fields?.path?.split(/[\\/]/).at(-1);
  return fields?.database || file?.replace(/\.[^.]+$/, '') || '';
}
