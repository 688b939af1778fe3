/** What is known of the drift, and the button that looks. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconHelpCircle, IconRadar2 } from '@tabler/icons-react';
import { useChannel } from '../../../api/queries';
import type { Connection, Drift, DriftState } from '../../../api/types.generated';
import badges from '../../../components/badges.module.css';
import { RelativeTime } from '../../../components/RelativeTime';
import type { Diff } from '../../../components/schemaDiff/state';
import { plural } from '../../../lib/format';
import classes from './diff.module.css';

const LOOKS: Record<DriftState, { icon: typeof IconRadar2; tone: string }> = {
  in_sync: { icon: IconCircleCheck, tone: 'green' },
  drifted: { icon: IconAlertTriangle, tone: 'violet' },
  unknown: { icon: IconHelpCircle, tone: 'gray' },
};

export function DriftStrip({ connection, diff }: { connection: Connection; diff: Diff }) {
  const known = { connection: connection.id, known: true };
  // Asked again as soon as a check has ended: the event that tells of it may come before this page listens.
  const isChecking = diff.state.busy?.what === 'drift';
  const { data } = useChannel('schema:drift', known, { staleTime: 0, enabled: !isChecking });
  if (!data) return null;
  const { icon: Icon, tone } = LOOKS[data.state];
  return (
    <section className={classes.drift} aria-label="Drift">
      <span className={`${badges.badge} ${badges[tone]}`}>
        <Icon size={14} aria-hidden /> {wordsOf(data)}
      </span>
      <span className="dim truncate">{aboutOf(data)}</span>
      {data.checked_at && (
        <span className={`faint ${classes.when}`}>
          checked <RelativeTime at={data.checked_at} />
        </span>
      )}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconRadar2 size={14} />}
        loading={isChecking}
        disabled={diff.state.busy !== null}
        onClick={() => void diff.checkDrift()}
      >
        Check for drift
      </Button>
    </section>
  );
}

function wordsOf(drift: Drift): string {
  if (drift.state === 'in_sync') return 'In sync';
  if (drift.state === 'drifted') return `Drift: ${plural(drift.total, 'object')}`;
  return 'Drift unknown';
}

function aboutOf(drift: Drift): string {
  if (drift.state === 'unknown') return [drift.reason, drift.hint].filter(Boolean).join(' ');
  const notes = drift.notes.length > 0 ? ` ${drift.notes.join(' ')}` : '';
  const what =
    drift.state === 'in_sync'
      ? 'The database is what its applied migrations make.'
      : 'The database is not what its applied migrations make.';
  return what + notes;
}
