/** Taking a way out: with a backup where wanted, the name typed where it must be, and progress while it goes. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { isDue, useBackupSettings } from '../../api/backups';
import { ChannelError } from '../../api/invoke';
import { runJob, useJob } from '../../api/jobs';
import type { Connection, Failure, Repaired, Way } from '../../api/types.generated';
import { BackupFirst } from '../backup/BackupFirst';
import { type Asked, askedBy, Confirm } from '../backup/Confirm';
import { JobProgress } from '../backup/JobProgress';
import { ErrorPanel } from '../ErrorPanel';
import { notifyError } from '../notify';
import classes from './failure.module.css';
import { changesNothing, wayLabel } from './words';

interface Props {
  connection: Connection;
  failure: Failure;
  way: Way | null;
  onDone(repaired: Repaired): void;
  onClose(): void;
}

export function TakeWay({ connection, failure, way, onDone, onClose }: Props) {
  const settings = useBackupSettings(connection);
  const [backup, setBackup] = useState<boolean | undefined>();
  const [jobId, setJobId] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const job = useJob(jobId);
  const isRunning = job?.state === 'running';
  const take = async (confirm?: string) => {
    if (!way || isRunning) return;
    setProblem(null);
    setAsked(null);
    const request = { connection: connection.id, version: failure.version, way: way.code };
    try {
      onDone(
        await runJob(
          'failure:resolve',
          { ...request, ...(backup !== undefined && { backup }), ...(confirm && { confirm }) },
          { asksItself: true, onStart: setJobId },
        ),
      );
    } catch (caught) {
      const asks = askedBy(caught);
      if (asks) setAsked(asks);
      else if (caught instanceof ChannelError) setProblem(caught);
      else notifyError(caught);
    }
  };
  const label = way ? wayLabel(way.code, connection.name, failure.direction) : '';
  if (asked)
    return (
      <div className={classes.take}>
        <Confirm
          asked={asked}
          action={label}
          onBack={() => setAsked(null)}
          onConfirm={(typed) => void take(typed)}
        />
      </div>
    );
  return (
    <div className={classes.take}>
      {problem !== null && <ErrorPanel error={problem} connection={connection.id} compact />}
      {isRunning && job && <JobProgress job={job} target={connection.name} />}
      {way && !changesNothing(way.code) && way.code !== 'restore' && !isRunning && (
        <BackupFirst
          connection={connection}
          due={settings ? isDue(settings, connection, 'down') : false}
          value={backup}
          onChange={setBackup}
        />
      )}
      <div className={classes.buttons}>
        {connection.read_only && (
          <span className="dim">{connection.name} is read-only: nothing can be changed.</span>
        )}
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        {way && (
          <Button
            color={way.losses.length > 0 ? 'red' : undefined}
            disabled={connection.read_only || !way.available}
            loading={isRunning}
            onClick={() => void take()}
          >
            {label}
          </Button>
        )}
      </div>
    </div>
  );
}
