/** What is being done now, and how to stop it. */
import { Button, Loader } from '@mantine/core';
import { useJob } from '../../api/jobs';
import classes from './schemaDiff.module.css';
import type { Diff } from './state';

const WORDS = {
  compare: 'Comparing',
  generate: 'Writing the migration',
  prove: 'Proving it',
  drift: 'Looking for drift',
};

export function JobLine({ diff }: { diff: Diff }) {
  const { busy } = diff.state;
  const job = useJob(busy?.jobId ?? null);
  if (!busy) return null;
  return (
    <div className={classes.job} role="status">
      <Loader size={14} />
      <span>{WORDS[busy.what]}</span>
      {job?.message && <span className="dim truncate">{job.message}</span>}
      <Button size="compact-sm" variant="default" ml="auto" onClick={diff.cancel} disabled={!busy.jobId}>
        Cancel
      </Button>
    </div>
  );
}
