/** When backups are made by themselves, how long they are kept, and where. Each connection may say otherwise. */
import { Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/actions';
import type { BackupSettings } from '../../api/types.generated';
import { WHEN } from '../../components/backup/words';
import { SavedNumber } from './SavedInputs';
import { type SectionProps, Setting } from './Setting';
import classes from './settings.module.css';

const COUNT = 20;
const DAYS = 90;

export function Backups({ settings }: Pick<SectionProps, 'settings'>) {
  const { backups } = settings;
  const update = useAction('settings:update');
  const set = (part: Partial<BackupSettings>) => update.mutate({ changes: { backups: part } });
  return (
    <section aria-labelledby="backup-settings">
      <h2 id="backup-settings" className={classes.heading}>
        Backups
      </h2>
      <Setting label="Back up before applying" note="The database as it was, before migrations change it.">
        <When
          label="Back up before applying"
          value={backups.before_up}
          onChange={(before_up) => set({ before_up })}
        />
      </Setting>
      <Setting label="Back up before rolling back" note="What a rollback drops is then still in the backup.">
        <When
          label="Back up before rolling back"
          value={backups.before_down}
          onChange={(before_down) => set({ before_down })}
        />
      </Setting>
      <Setting
        label="How many backups are kept"
        note="Of each connection; older ones are removed. Off: any number. Never removed: the newest good one, those you made or pinned, and those of runs that failed."
      >
        <div className={classes.pair}>
          <SavedNumber
            label="Backups kept"
            value={backups.keep_count ?? COUNT}
            min={1}
            max={10_000}
            disabled={backups.keep_count === null}
            onSave={(count) => set({ keep_count: Math.round(count) })}
          />
          <Switch
            aria-label="How many backups are kept"
            checked={backups.keep_count !== null}
            onChange={(event) => set({ keep_count: event.currentTarget.checked ? COUNT : null })}
          />
        </div>
      </Setting>
      <Setting label="How long backups are kept" note="Off: for ever.">
        <div className={classes.pair}>
          <SavedNumber
            label="Days backups are kept"
            value={backups.keep_days ?? DAYS}
            min={1}
            max={36_500}
            unit="days"
            disabled={backups.keep_days === null}
            onSave={(days) => set({ keep_days: Math.round(days) })}
          />
          <Switch
            aria-label="How long backups are kept"
            checked={backups.keep_days !== null}
            onChange={(event) => set({ keep_days: event.currentTarget.checked ? DAYS : null })}
          />
        </div>
      </Setting>
      <Setting
        label="Where backups are"
        note="A folder; each connection gets one of its own in it. Empty: backups/ in the connection’s own folder."
      >
        <Folder key={backups.folder} value={backups.folder} />
      </Setting>
    </section>
  );
}

interface WhenProps {
  label: string;
  value: BackupSettings['before_up'];
  onChange(value: BackupSettings['before_up']): void;
}

function When({ label, value, onChange }: WhenProps) {
  return (
    <Select
      aria-label={label}
      w={180}
      data={WHEN}
      value={value}
      onChange={(next) => next && onChange(next as BackupSettings['before_up'])}
    />
  );
}

/** Saved when it is left, or on Enter; what the backend says against it stands under it, and the text stays. */
function Folder({ value }: { value: string | null }) {
  const [typed, setTyped] = useState(value ?? '');
  const update = useAction('settings:update', { quiet: true });
  const save = () => {
    const wanted = typed.trim() || null;
    if (wanted !== value) update.mutate({ changes: { backups: { folder: wanted } } });
    else update.reset();
  };
  return (
    <TextInput
      aria-label="Where backups are"
      w={260}
      classNames={{ input: 'mono' }}
      placeholder="Each connection’s own folder"
      value={typed}
      error={update.error?.message}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === 'Enter' && save()}
      spellCheck={false}
    />
  );
}
