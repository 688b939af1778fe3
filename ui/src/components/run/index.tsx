/** The run panel at the bottom of the window, and the sheet that shows a plan before it runs. Mounted by the frame. */
import { useEffect, useRef } from 'react';
import { useConnectionId } from '../../api/connections';
import { isRun, showJob, shownJob, useJob, useJobs } from '../../api/jobs';
import { useWatched } from '../../api/live';
import { useStore } from '../../lib/store';
import { RestoreSheetHost } from '../backup/RestoreSheet';
import { useBackupNotices } from '../backup/useBackupNotices';
import { CommentsSheetHost } from '../comments/CommentsSheet';
import { FailureSheetHost } from '../failure/FailureSheet';
import { foundAgain } from '../preview/rehearsal/useRehearsal';
import { askRun, type RunQuestion, runAsked } from './ask';
import { Panel } from './Panel';
import { RunSheetHost } from './RunSheet';
import { useLedgerNotice } from './useLedgerNotice';

export default function RunPanel() {
  const shown = useStore(shownJob);
  const job = useJob(shown);
  useFindRunning();
  useFindRehearsal();
  useLedgerNotice();
  useBackupNotices();
  const connection = useConnectionId();
  useWatched(connection ? [connection] : []);
  return (
    <>
      {job && <Panel key={job.job_id} job={job} />}
      <RunSheetHost />
      <RestoreSheetHost />
      <FailureSheetHost />
      <CommentsSheetHost />
    </>
  );
}

/** A page that was reloaded, or a run started elsewhere, shows its panel by itself: once, until it is closed. */
function useFindRunning() {
  const connection = useConnectionId();
  const jobs = useJobs(connection ?? undefined);
  const seen = useRef(new Set<string>());
  const running = connection
    ? jobs.find((job) => isRun(job) && job.state === 'running' && !job.mine)
    : undefined;
  const id = running?.job_id;
  useEffect(() => {
    if (!id || seen.current.has(id)) return;
    seen.current.add(id);
    if (shownJob.get() === null) showJob(id);
  }, [id]);
}

/** A rehearsal that went on while the page was reloaded opens its panel again. */
function useFindRehearsal() {
  const known = useJobs();
  useEffect(() => {
    const question = foundAgain(known) as RunQuestion | null;
    if (question && runAsked.get() === null) askRun(question);
  }, [known]);
}
