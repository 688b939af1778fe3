/** The run's files in order, each with its state and time. Only the rows in sight are in the page. */

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { LiveJob } from '../../api/jobs';
import type { Run } from '../../api/types.generated';
import { formatDuration } from '../../lib/format';
import { type Status, StatusBadge } from '../StatusBadge';
import classes from './Panel.module.css';

const ROW_PX = 28;

interface File {
  filename: string;
  state: string;
  duration_ms: number | null;
}

export function Files({ job, run }: { job: LiveJob; run: Run | null }) {
  const files = useMemo(() => filesOf(job, run), [job, run]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: files.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    initialRect: { width: 400, height: 400 },
  });
  const failed = files.findIndex((one) => one.state === 'failed');
  const current = failed >= 0 ? failed : files.findLastIndex((one) => one.state === 'running');
  useEffect(() => {
    if (current >= 0) rows.scrollToIndex(current, { align: 'auto' });
  }, [rows, current]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section ref={scroller} className={classes.files} aria-label="Files of the run" tabIndex={0}>
      {files.length === 0 && <p className={classes.quiet}>{job.message || 'Getting ready…'}</p>}
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const file = files[row.index];
          return (
            file && (
              <li key={row.key} style={{ transform: `translateY(${row.start}px)` }}>
                <State state={file.state} />
                <span className="mono truncate" title={file.filename}>
                  {file.filename}
                </span>
                <span className={`tabular dim ${classes.time}`}>{formatDuration(file.duration_ms)}</span>
              </li>
            )
          );
        })}
      </ul>
    </section>
  );
}

function State({ state }: { state: string }) {
  return (
    <span className={classes.state}>
      <StatusBadge status={state as Status} plain />
    </span>
  );
}

function filesOf(job: LiveJob, run: Run | null): File[] {
  if (run) {
    return run.migrations.map(({ filename, status, duration_ms }) => ({
      filename,
      state: status,
      duration_ms,
    }));
  }
  // A job that ended without a Run (refused, or the app broke) leaves nothing running.
  if (job.state !== 'running')
    return job.files.filter((one) => one.state !== 'running' && one.state !== 'ran');
  return job.files;
}
