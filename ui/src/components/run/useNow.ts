/** The page's own clock, told four times a second while something counts. It never jumps, unlike the system's. */
import { useEffect, useState } from 'react';

export function useNow(counts: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!counts) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [counts]);
  return now;
}
