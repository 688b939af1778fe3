/** The connection's own settings of backups; what it does not say is as the app's settings have it. */
import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { isDeclined, useAction } from '../../api/actions';
import { useSettings } from '../../api/settings';
import type { BackupOverrides, BackupSettings, Connection } from '../../api/types.generated';
import { WHEN, whenWords } from '../../components/backup/words';
import { ErrorPanel } from '../../components/ErrorPanel';
import { notifySuccess } from '../../components/notify';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './connection.module.css';

export function Backups({ connection }: { connection: Connection }) {
  const app = useSettings()?.backups;
  if (!app) return null;
  return <Form key={JSON.stringify(connection.backups)} connection={connection} app={app} />;
}

const AS_APP = 'app';

function Form({ connection, app }: { connection: Connection; app: BackupSettings }) {
  const [own, setOwn] = useState<BackupOverrides>(connection.backups);
  const save = useAction('connection:update', {
    quiet: true,
    onSuccess: () => notifySuccess(`The backup settings of ${connection.name} are saved`),
  });
  const set = (part: Partial<BackupOverrides>) => setOwn({ ...own, ...part });
  const isDirty = JSON.stringify(own) !== JSON.stringify(connection.backups);
  const ofFolder = save.error?.details.field === 'folder' ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ connection: connection.id, backups: own });
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <p className={classes.lead}>
        What is left as it is follows the <Link to={`${paths.settings}?section=safety`}>app’s settings</Link>.
        The backups themselves are on the <Link to={paths.backups(connection.id)}>Backups page</Link>.
      </p>
      <When
        label="Back up before applying"
        app={app.before_up}
        value={own.before_up}
        onChange={(before_up) => set({ before_up })}
      />
      <When
        label="Back up before rolling back"
        app={app.before_down}
        value={own.before_down}
        onChange={(before_down) => set({ before_down })}
      />
      <div className={classes.editRow}>
        <Count
          label="How many are kept"
          app={app.keep_count === null ? 'any number' : String(app.keep_count)}
          value={own.keep_count}
          onChange={(keep_count) => set({ keep_count })}
        />
        <Count
          label="How many days they are kept"
          app={app.keep_days === null ? 'for ever' : plural(app.keep_days, 'day')}
          value={own.keep_days}
          onChange={(keep_days) => set({ keep_days })}
        />
      </div>
      <TextInput
        label="Folder"
        description="An absolute path; this connection gets a folder of its own in it."
        classNames={{ input: 'mono' }}
        placeholder={`As the app: ${app.folder ?? 'backups/ in the connection’s own folder'}`}
        value={own.folder ?? ''}
        error={ofFolder?.message}
        onChange={(event) => set({ folder: event.currentTarget.value || null })}
        spellCheck={false}
      />
      {save.error && !ofFolder && !isDeclined(save.error) && <ErrorPanel error={save.error} compact />}
      <div className={classes.foot}>
        <Button
          variant="default"
          disabled={Object.values(own).every((value) => value === null)}
          onClick={() =>
            setOwn({ before_up: null, before_down: null, keep_count: null, keep_days: null, folder: null })
          }
        >
          All as the app
        </Button>
        <Button type="submit" disabled={!isDirty} loading={save.isPending}>
          Save {connection.name}
        </Button>
      </div>
    </form>
  );
}

interface WhenProps {
  label: string;
  app: BackupSettings['before_up'];
  value: BackupOverrides['before_up'];
  onChange(value: BackupOverrides['before_up']): void;
}

function When({ label, app, value, onChange }: WhenProps) {
  return (
    <Select
      label={label}
      data={[{ value: AS_APP, label: `As the app: ${whenWords(app)}` }, ...WHEN]}
      value={value ?? AS_APP}
      onChange={(next) => onChange(next === AS_APP ? null : (next as BackupSettings['before_up']))}
    />
  );
}

interface CountProps {
  label: string;
  app: string;
  value: number | null;
  onChange(value: number | null): void;
}

function Count({ label, app, value, onChange }: CountProps) {
  return (
    <NumberInput
      className={classes.grow}
      label={label}
      placeholder={`As the app: ${app}`}
      min={1}
      allowDecimal={false}
      allowNegative={false}
      value={value ?? ''}
      onChange={(next) => onChange(typeof next === 'number' && next >= 1 ? next : null)}
    />
  );
}
