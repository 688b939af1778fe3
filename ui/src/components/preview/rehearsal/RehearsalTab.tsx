/** The rehearsal of what the panel shows: how to do it, while it runs, what came out. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useChannel } from '../../../api/queries';
import type { RehearsalNote } from '../../../api/types.generated';
import { ErrorPanel } from '../../ErrorPanel';
import { LastRehearsal } from '../FileRow';
import { Options } from './Options';
import { Progress } from './Progress';
import { Result } from './Result';
import classes from './rehearsal.module.css';
import type { Choice, Rehearsing } from './useRehearsal';

interface Props {
  connection: string;
  target: string;
  rehearsing: Rehearsing;
  choice: Choice;
  onChoose(change: Partial<Choice>): void;
  notes: RehearsalNote[];
}

const NOTES = 3;

export function RehearsalTab({ connection, target, rehearsing, choice, onChoose, notes }: Props) {
  const { job, isRunning, error, asks, start, reset } = rehearsing;
  const [keptId, setKeptId] = useState<string | null>(null);
  const kept = useChannel(
    'preview:rehearsal',
    { rehearsal_id: keptId ?? '' },
    { enabled: keptId !== null, gcTime: 0 },
  );
  const result = rehearsing.result ?? (keptId === null ? null : (kept.data ?? null));
  const back = () => {
    setKeptId(null);
    reset();
  };
  if (isRunning && job) return <Progress job={job} />;
  if (result) return <Result rehearsal={result} target={target} onOther={back} />;
  return (
    <Options
      connection={connection}
      choice={choice}
      onChange={onChoose}
      onStart={() => start(choice)}
      asks={asks}
      onAccept={(bytes) => start(choice, bytes)}
      onSample={() => {
        onChoose({ rows: 'sample' });
        start({ ...choice, rows: 'sample' });
      }}
    >
      {error && <ErrorPanel error={error} connection={connection} compact />}
      {keptId !== null && kept.error && <ErrorPanel error={kept.error} compact />}
      {!error &&
        notes.slice(0, NOTES).map((note) => (
          <div key={note.rehearsal_id + note.filename} className={classes.last}>
            {notes.length > 1 && <span className="mono truncate">{note.filename}</span>}
            <LastRehearsal note={note} />
            <Button
              variant="subtle"
              size="compact-sm"
              loading={keptId === note.rehearsal_id && kept.isFetching}
              onClick={() => setKeptId(note.rehearsal_id)}
            >
              Show it
            </Button>
          </div>
        ))}
    </Options>
  );
}
