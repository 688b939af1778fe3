/** What became of one file in a run. */

import { EventBadge } from '../../components/overview/EventIcon';
import { StatusBadge } from '../../components/StatusBadge';

const KNOWN = ['applied', 'failed', 'rolled_back', 'not_run', 'running'] as const;

export function FileStatus({ status }: { status: string }) {
  if (status === 'interrupted') return <EventBadge status="interrupted" plain />;
  const known = KNOWN.find((one) => one === status);
  return known ? <StatusBadge status={known} plain /> : <span className="dim">{status}</span>;
}
