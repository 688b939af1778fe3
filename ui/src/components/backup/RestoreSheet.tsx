/** A restore from its choice to its proof: where to, what that loses, how it goes, and what was compared afterwards. */
import { Button, Drawer, Loader } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useConnections } from '../../api/connections';
import { ChannelError, type Request } from '../../api/invoke';
import { runJob, useJob } from '../../api/jobs';
import { useChannel } from '../../api/queries';
import type { BackupListed, Connection, Restored } from '../../api/types.generated';
import { databaseName } from '../../lib/engines';
import { useStore } from '../../lib/store';
import { EnvironmentTag } from '../EnvironmentTag';
import { ErrorPanel } from '../ErrorPanel';
import { notifyError } from '../notify';
import { askRestore, type RestoreQuestion, restoreAsked } from './ask';
import classes from './backup.module.css';
import { type Asked, askedBy, Confirm } from './Confirm';
import { JobProgress } from './JobProgress';
import { Proof } from './Proof';
import { type Choice, firstChoice, RestoreChoices } from './RestoreChoices';
import { RestoreDone } from './RestoreDone';
import { restoreShown } from './shown';
import { WhatItIs } from './WhatItIs';

type Ask = Request<'backup:restore'>;

export function RestoreSheetHost() {
  const question = useStore(restoreAsked);
  const { data } = useConnections();
  const connection = data?.connections.find((one) => one.id === question?.connection);
  if (!question || !connection) return null;
  return (
    <RestoreSheet
      key={`${question.backupId} ${question.job}`}
      question={question}
      connection={connection}
      connections={data?.connections ?? []}
    />
  );
}

interface Props {
  question: RestoreQuestion;
  connection: Connection;
  connections: Connection[];
}

function RestoreSheet({ question, connection, connections }: Props) {
  const [jobId, setJobId] = useState<string | null>(question.job ?? null);
  const [asked, setAsked] = useState<{ request: Ask; asks: Asked } | null>(null);
  const [choice, setChoice] = useState<Choice>(() => firstChoice(connection));
  const [problem, setProblem] = useState<unknown>(null);
  const { data: backup, error } = useChannel(
    'backup:get',
    { connection: connection.id, backup_id: question.backupId },
    { staleTime: 0 },
  );
  const job = useJob(jobId);
  const close = () => restoreAsked.set(null);
  useEffect(() => {
    restoreShown.job = jobId;
    return () => {
      restoreShown.job = null;
    };
  }, [jobId]);

  const send = async (request: Ask) => {
    setProblem(null);
    try {
      const done = await runJob('backup:restore', request, { asksItself: true, onStart: setJobId });
      if (done.into === 'same') question.onRestored?.();
      setAsked(null);
    } catch (caught) {
      const asks = askedBy(caught);
      if (asks) setAsked({ request, asks });
      else {
        setAsked(null);
        if (caught instanceof ChannelError) setProblem(caught);
        else notifyError(caught);
      }
    }
  };
  const restored = job?.state === 'done' ? (job.result as unknown as Restored | null) : null;
  const failure = problem ?? (job && job.state !== 'running' && job.state !== 'done' ? job.error : null);
  const isRunning = job?.state === 'running';
  // A call that only comes back to ask must not look like a restore that began.
  const isSeen = useLate(isRunning, SEEN_AFTER_MS);
  const unproven = detailsOf(failure)?.restored ?? null;
  const safety = detailsOf(failure)?.safety_backup_id ?? null;
  const database = databaseName(connection);
  return (
    <Drawer
      data-buttons-below
      opened
      onClose={close}
      position="right"
      size="min(640px, 94vw)"
      title={
        <span className={classes.title}>
          <span>Restore a backup of {connection.name}</span>
          <EnvironmentTag environment={connection.environment} />
        </span>
      }
      closeButtonProps={{ 'aria-label': 'Close the sheet' }}
      classNames={{ content: classes.drawer, body: classes.drawerBody }}
      attributes={{
        content: {
          'data-production': connection.environment === 'production' || undefined,
        },
      }}
    >
      {error && <ErrorPanel error={error} connection={connection.id} compact />}
      {!backup && !error && <Loader aria-label="Reading the backup" />}
      {backup && <WhatItIs backup={backup} />}
      {unproven && <Proof restored={unproven} />}
      {failure !== null && !isSeen && (
        <ErrorPanel
          error={failure}
          connection={connection.id}
          compact
          actions={
            safety && (
              <Button
                variant="default"
                onClick={() => askRestore({ connection: connection.id, backupId: safety })}
              >
                Go back to what was there before…
              </Button>
            )
          }
        />
      )}
      {isSeen && job && (
        <>
          <JobProgress job={job} target={connection.name} />
          <p className="dim">You can close this: the restore goes on, and tells you when it has ended.</p>
        </>
      )}
      {asked && !isRunning && !restored && (
        <Confirm
          asked={asked.asks}
          action={actionOf(choice, connection, database)}
          onBack={() => setAsked(null)}
          onConfirm={(confirm) => {
            const { request } = asked;
            setAsked(null);
            void send({ ...request, confirm });
          }}
        />
      )}
      {restored && <RestoreDone restored={restored} connection={connection} onClose={close} />}
      {backup && !asked && !isSeen && !restored && (
        <RestoreChoices
          isBusy={isRunning}
          backup={backup}
          connection={connection}
          connections={connections}
          choice={choice}
          onChoose={(change) => setChoice({ ...choice, ...change })}
          action={actionOf(choice, connection, database)}
          onClose={close}
          onRestore={() => void send(requestOf(backup, connection, choice))}
        />
      )}
    </Drawer>
  );
}

/** What was compared, where the restore went through and is not what the backup holds; and what it replaced. */
const detailsOf = (problem: unknown) =>
  (problem as { details?: { restored?: Restored; safety_backup_id?: string | null } } | null)?.details;

const SEEN_AFTER_MS = 400;

/** True once it has been true for a while. */
function useLate(now: boolean, afterMs: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!now) return setLate(false);
    const timer = setTimeout(() => setLate(true), afterMs);
    return () => clearTimeout(timer);
  }, [now, afterMs]);
  return now && late;
}

const actionOf = (choice: Choice, connection: Connection, database: string) =>
  choice.into === 'same'
    ? `Restore into ${database} on ${connection.name}`
    : `Restore into the new ${choice.database.trim() || 'database'}`;

function requestOf(backup: BackupListed, connection: Connection, choice: Choice): Ask {
  const base = { connection: connection.id, backup_id: backup.id };
  if (choice.into === 'same') return { ...base, into: 'same', safety_backup: choice.safety };
  return {
    ...base,
    into: 'new',
    database: choice.database.trim(),
    on: choice.on === connection.id ? null : choice.on,
    add_connection: choice.add,
  };
}

/** A restore that is running, or ended while nobody looked. */
export const showRestore = (job: { job_id: string; connection: string | null }, backupId: string) =>
  job.connection && askRestore({ connection: job.connection, backupId, job: job.job_id });
