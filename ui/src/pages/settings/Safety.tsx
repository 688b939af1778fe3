import { Switch } from '@mantine/core';
import { Backups } from './Backups';
import { SavedNumber } from './SavedInputs';
import { type SectionProps, Setting } from './Setting';
import classes from './settings.module.css';

const LOCK_TIMEOUT_S = 30;

/** How careful runs are. */
export function Safety({ settings, change }: SectionProps) {
  const { safety } = settings;
  const set = (part: Partial<typeof safety>) => change({ safety: part });
  const waits = safety.lock_timeout_s !== null;
  return (
    <>
      <Setting
        label="Stop waiting for a lock"
        note="How long a statement of a run waits for another session before it gives up. Off: it waits for ever."
      >
        <div className={classes.pair}>
          <SavedNumber
            label="Seconds to wait for a lock"
            value={safety.lock_timeout_s ?? LOCK_TIMEOUT_S}
            min={0.1}
            max={86_400}
            unit="s"
            disabled={!waits}
            onSave={(seconds) => set({ lock_timeout_s: seconds })}
          />
          <Switch
            aria-label="Stop waiting for a lock"
            checked={waits}
            onChange={(event) => set({ lock_timeout_s: event.currentTarget.checked ? LOCK_TIMEOUT_S : null })}
          />
        </div>
      </Setting>
      <Setting label="Stop waiting for a server" note="How long to try to reach a server.">
        <SavedNumber
          label="Seconds to wait for a server"
          value={safety.connect_timeout_s}
          min={1}
          max={120}
          unit="s"
          onSave={(seconds) => set({ connect_timeout_s: seconds })}
        />
      </Setting>
      <Setting
        label="Allow out of order"
        note="Apply pending migrations that are older than the newest applied one, without asking."
      >
        <Switch
          aria-label="Allow out of order"
          checked={safety.allow_out_of_order}
          onChange={(event) => set({ allow_out_of_order: event.currentTarget.checked })}
        />
      </Setting>
      <Setting label="Write the schema file after each run">
        <Switch
          aria-label="Write the schema file after each run"
          checked={safety.dump_schema_after_run}
          onChange={(event) => set({ dump_schema_after_run: event.currentTarget.checked })}
        />
      </Setting>
      <p className={classes.fixed}>
        Changes on a production connection, and whatever loses data, always ask for the connection’s name.
      </p>
      <Backups settings={settings} />
    </>
  );
}
