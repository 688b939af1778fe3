/** One job as it goes: its files, its log, what the server does, how it ended. */
import { ActionIcon, Button, Progress, SegmentedControl, Tooltip, UnstyledButton } from '@mantine/core';
import { IconPlayerStop, IconX } from '@tabler/icons-react';
import { type ReactNode, useLayoutEffect, useState } from 'react';
import { useConnections } from '../../api/connections';
import { isRun, type LiveJob, showJob } from '../../api/jobs';
import { useRemembered } from '../../api/settings';
import type { Run } from '../../api/types.generated';
import { formatCount, formatDuration } from '../../lib/format';
import { StatusBadge } from '../StatusBadge';
import { Activity } from './Activity';
import { useCancel } from './cancel';
import { Files } from './Files';
import { Log } from './Log';
import { Outcome } from './Outcome';
import classes from './Panel.module.css';
import { Resizer } from './Resizer';
import { useNow } from './useNow';
import { pillOf, waitedOf } from './waitWords';
import { doing, outcomeOf, runOf } from './words';

const MIN_PX = 140;
// Who is in the way is to be seen without scrolling.
const BLOCKED_PX = 380;

export function Panel({ job }: { job: LiveJob }) {
  const [height, setHeight] = useRemembered('run_panel_height', 264);
  const { data } = useConnections();
  const target = data?.connections.find((one) => one.id === job.connection)?.name ?? '';
  const run = runOf(job);
  const working = job.sessions.length > 0 && job.state === 'running';
  const blocked = working && job.sessions.some((one) => one.waiting);
  const hasOutcome =
    job.error !== null ||
    Boolean(run?.schema_problem || run?.rollback_check || run?.backup_id || run?.warnings?.length);
  const [side, setSide] = useState<'outcome' | 'server' | 'log' | null>(null);
  const shownSide = side ?? (hasOutcome ? 'outcome' : working ? 'server' : 'log');
  const sides = [
    ...(hasOutcome ? [{ value: 'outcome', label: 'What happened' }] : []),
    ...(working ? [{ value: 'server', label: 'Server' }] : []),
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
  const tall = `min(${Math.max(blocked ? BLOCKED_PX : MIN_PX, height)}px, 70vh)`;
  useRoomFor(tall);
  return (
    <section className={classes.panel} style={{ height: tall }} aria-label={`Run on ${target}`}>
      <Resizer height={height} onResize={(px) => setHeight(Math.max(MIN_PX, px))} />
      <Head job={job} run={run} target={target} tabs={tabs} onShowServer={() => setSide('server')} />
      <div className={classes.body}>
        {isRun(job) && <Files job={job} run={run} />}
        <div className={classes.side}>
          {shownSide === 'outcome' && hasOutcome ? (
            <Outcome job={job} run={run} target={target} />
          ) : shownSide === 'server' && working ? (
            <Activity job={job} target={target} />
          ) : (
            <Log job={job} />
          )}
        </div>
      </div>
    </section>
  );
}

/** Messages come above the panel instead of over its buttons. */
function useRoomFor(height: string) {
  useLayoutEffect(() => {
    const { style } = document.documentElement;
    style.setProperty('--run-panel-height', height);
    return () => void style.removeProperty('--run-panel-height');
  }, [height]);
}

interface HeadProps {
  job: LiveJob;
  run: Run | null;
  target: string;
  tabs: ReactNode;
  onShowServer(): void;
}

function Head({ job, run, target, tabs, onShowServer }: HeadProps) {
  const running = job.state === 'running';
  const now = useNow(running);
  const elapsed = Math.max(0, now - job.since);
  const status = running ? 'running' : job.state;
  const blocked = running ? job.sessions.find((one) => one.waiting) : undefined;
  return (
    <header className={classes.head}>
      <StatusBadge status={status} plain={running} />
      <h2 className={classes.title}>
        {running ? doing(job.channel, target) : outcomeOf(job, run)}
        {!running && target && <span className="dim"> · {target}</span>}
      </h2>
      {running && !blocked && <span className={`truncate dim ${classes.message}`}>{job.message}</span>}
      {blocked && (
        <UnstyledButton className={classes.blocked} onClick={onShowServer} title="Show who that is">
          {pillOf(blocked, waitedOf(blocked, now - job.seenAt))}
        </UnstyledButton>
      )}
      <span className={classes.right}>
        {tabs}
        {running && (
          <>
            <span className="tabular dim">
              {job.total > 0 && `${howFar(job)} · `}
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

/** Files are counted; what comes before them (a backup, in bytes or pages) only by its share. */
function howFar(job: LiveJob): string {
  if (isRun(job) && job.files.length === 0 && job.done > 0)
    return `${Math.floor((100 * Math.min(job.done, job.total)) / job.total)} %`;
  return `${formatCount(job.done)} of ${formatCount(job.total)}`;
}

function CancelButton({ job }: { job: LiveJob }) {
  const { cancel, asked } = useCancel(job);
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
