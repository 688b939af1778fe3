/** Damage of the app's own ledger is told once, with where the damaged file is kept. */
import { useEffect } from 'react';
import { onEvent } from '../../api/events';
import { invoke } from '../../api/invoke';
import { notifyWarning } from '../notify';

async function tell(): Promise<void> {
  const { damage } = await invoke('live:ledger', {});
  if (!damage) return;
  const saved = Object.values(damage.saved ?? {}).reduce((sum, count) => sum + count, 0);
  const rest = damage.saved
    ? saved > 0
      ? 'What could be read of it was taken over, the rest is read from the databases again.'
      : 'Nothing of it could be read; what is applied is read from the databases again.'
    : 'Only its last changes are lost; what is applied is read from the databases.';
  notifyWarning(
    'The history of runs was damaged',
    `${rest} The damaged file is kept as ${damage.set_aside}.`,
  );
  await invoke('live:ledger-told', {});
}

export function useLedgerNotice(): void {
  useEffect(() => {
    // A ledger that cannot be used at all says so wherever it is needed.
    const look = () => void tell().catch(() => undefined);
    look();
    return onEvent('ledger:damaged', look);
  }, []);
}
