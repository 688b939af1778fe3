/** "5 minutes ago", the exact time on hover. Keeps itself right. */
import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { formatExact, formatRelative } from '../lib/format';

const REFRESH_MS = 30_000;

// One clock for all of them: a table of hundreds must not keep hundreds of timers.
const watchers = new Set<(now: Date) => void>();
let clock: ReturnType<typeof setInterval> | undefined;

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    watchers.add(setNow);
    clock ??= setInterval(() => {
      const tick = new Date();
      for (const watcher of watchers) watcher(tick);
    }, REFRESH_MS);
    return () => {
      watchers.delete(setNow);
      if (watchers.size > 0) return;
      clearInterval(clock);
      clock = undefined;
    };
  }, []);
  return now;
}

export function RelativeTime({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) return <span className="faint">–</span>;
  return (
    <Tooltip label={formatExact(at)}>
      <time dateTime={at} className="tabular">
        {formatRelative(at, now)}
      </time>
    </Tooltip>
  );
}
