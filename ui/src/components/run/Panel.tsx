/** One job as it goes: its files, its log, what the server does, how it ended. */
import { ActionIcon, Button, Progress, SegmentedControl, Tooltip } from '@mantine/core';
import { IconPlayerStop, IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useConnections } from '../../api/connections';
import { cancelJob, isRun, type LiveJob, showJob } from '../../api/jobs';
import { useRemembered } from '../../api/settings';
import type { Run } from '../../api/types.generated';
import { formatCount, formatDuration } from '../../lib/format';
import { createStore, useStore } from '../../lib/store';
import { notifyError } from '../notify';
import { StatusBadge } from '../StatusBadge';
import { Activity } from './Activity';
import { Files } from './Files';
import { Log } from './Log';
import { Outcome } from './Outcome';
import classes from './Panel.module.css';
import { Resizer } from './Resizer';
import { doing, elapsedOf, outcomeOf, runOf } from './words';

const MIN_PX = 140;

export function Panel({ job }: { job: LiveJob }) {
  const [height, setHeight] = useRemembered('run_panel_height', 264);
  const { data } = useConnections();
  const target = data?.connections.find((one) => one.id === job.connection)?.name ?? '';
  const run = runOf(job);
  const waiting = job.sessions.length > 0 && job.state === 'running';
  const hasOutcome = job.error !== null || Boolean(run?.schema_problem);
  const [side, setSide] = useState<'outcome' | 'server' | 'log' | null>(null);
  const shownSide = side ?? (hasOutcome ? 'outcome' : waiting ? 'server' : 'log');
  const sides = [
    ...(hasOutcome ? [{ value: 'outcome', label: 'What happened' }] : []),
    ...(waiting ? [{ value: 'server', label: 'Server' }] : []),
    { value: 'log', label: 'Log' },
  ];
  const tabs = sides.length > 1 && (
    <SegmentedControl
      data={sides}
      value={sides.some((one) => one.value === shownSide) ? shownSide : 'log'}
      onChange={(value) => setSide(value as typeof side)}
      aria-label="Beside the files"
    />
  );
  return (
    <section
      className={classes.panel}
      style={{ height: `min(${Math.max(MIN_PX, height)}px, 70vh)` }}
      aria-label={`Run on ${target}`}
    >
      <Resizer height={height} onResize={(px) => setHeight(Math.max(MIN_PX, px))} />
      <Head job={job} run={run} target={target} tabs={tabs} />
      <div className={classes.body}>
        {isRun(job) && <Files job={job} run={run} />}
        <div className={classes.side}>
          {shownSide === 'outcome' && hasOutcome ? (
            <Outcome job={job} run={run} target={target} />
          ) : shownSide === 'server' && waiting ? (
            <Activity sessions={job.sessions} />
          ) : (
            <Log job={job} />
          )}
        </div>
      </div>
    </section>
  );
}

interface HeadProps {
  job: LiveJob;
  run: Run | null;
  target: string;
  tabs: ReactNode;
}

function Head({ job, run, target, tabs }: HeadProps) {
  const running = job.state === 'running';
  const elapsed = useElapsed(job);
  const status = running ? 'running' : job.state;
  const blocked = job.sessions.some((one) => one.waiting);
  return (
    <header className={classes.head}>
      <StatusBadge status={status} plain={running} />
      <h2 className={classes.title}>
        {running ? doing(job.channel, target) : outcomeOf(job, run)}
        {!running && target && <span className="dim"> · {target}</span>}
      </h2>
      {running && <span className={`truncate dim ${classes.message}`}>{job.message}</span>}
      {blocked && <span className={classes.blocked}>Waiting for a lock</span>}
      <span className={classes.right}>
        {tabs}
        {running && (
          <>
            <span className="tabular dim">
              {job.total > 0 && `${formatCount(job.done)} of ${formatCount(job.total)} · `}
              {formatDuration(elapsed)}
            </span>
            <CancelButton job={job} />
          </>
        )}
        <Tooltip label={running ? 'Hide it; the run goes on' : 'Close'}>
          <ActionIcon aria-label={running ? 'Hide the run' : 'Close the run'} onClick={() => showJob(null)}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </span>
      {running && (
        <Progress
          className={classes.progress}
          value={job.total > 0 ? (100 * job.done) / job.total : 100}
          animated={job.total === 0}
          size={2}
          radius={0}
          aria-label="Progress of the run"
        />
      )}
    </header>
  );
}

const cancelling = createStore<ReadonlySet<string>>(new Set());

function CancelButton({ job }: { job: LiveJob }) {
  const asked = useStore(cancelling).has(job.job_id);
  const cancel = () => {
    cancelling.set((before) => new Set(before).add(job.job_id));
    void cancelJob(job.job_id).catch((problem) => {
      cancelling.set((before) => new Set([...before].filter((id) => id !== job.job_id)));
      notifyError(problem);
    });
  };
  if (!job.cancellable) return null;
  return (
    <Button
      variant="default"
      loading={asked}
      loaderProps={{ type: 'dots' }}
      disabled={asked}
      aria-label={asked ? 'Cancelling…' : 'Cancel the run'}
      leftSection={<IconPlayerStop size={14} />}
      onClick={cancel}
    >
      {asked ? 'Cancelling…' : 'Cancel'}
    </Button>
  );
}

function useElapsed(job: LiveJob): number {
  const [now, setNow] = useState(() => new Date());
  const running = job.state === 'running';
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(new Date()), 250);
    return () => clearInterval(timer);
  }, [running]);
  return Math.max(0, elapsedOf(job, now));
}
