/** Whether a backup is made before something runs: as the settings say, or otherwise for this once. */
import { Switch } from '@mantine/core';
import { useEngine } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import classes from './backup.module.css';
import { planWords } from './words';

interface Props {
  connection: Connection;
  /** What the settings want. */
  due: boolean;
  /** What was chosen for this once; undefined: as the settings say. */
  value: boolean | undefined;
  onChange(value: boolean | undefined): void;
}

export function BackupFirst({ connection, due, value, onChange }: Props) {
  const engine = useEngine(connection.engine);
  const capability = engine?.capabilities.backup;
  const isOn = value ?? due;
  const { data: plan } = useChannel(
    'backup:plan',
    { connection: connection.id },
    { enabled: isOn && capability?.supported !== false, staleTime: 30_000 },
  );
  if (capability?.supported === false)
    return due ? <p className={classes.beforeNote}>No backup is made first: {capability.reason}</p> : null;
  const source = value === undefined || value === due ? 'As the settings say' : 'For this once';
  const about = !isOn
    ? 'There will be no backup to go back to'
    : plan
      ? plan.possible
        ? planWords(plan)
        : (plan.problem ?? 'Not possible now')
      : null;
  return (
    <Switch
      aria-label={`Back up ${connection.name} first`}
      label={`Back up ${connection.name} first`}
      description={[source, about].filter(Boolean).join(' · ')}
      checked={isOn}
      onChange={(event) => {
        const next = event.currentTarget.checked;
        onChange(next === due ? undefined : next);
      }}
    />
  );
}
