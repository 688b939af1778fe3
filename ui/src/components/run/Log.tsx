/** What the tool says, as it says it. Follows the end, unless the user has scrolled up. */
import { useEffect, useRef } from 'react';
import type { LiveJob } from '../../api/jobs';
import classes from './Panel.module.css';
import { runOf } from './words';

export function Log({ job }: { job: LiveJob }) {
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const text = (job.log.length > 0 ? job.log.join('\n') : (runOf(job)?.output ?? '')).replace(/^\s*\n/, '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when the text grows.
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (!text.trim()) {
    return (
      <p className={classes.quiet}>
        {job.state === 'running' ? 'Nothing said yet.' : 'The tool said nothing.'}
      </p>
    );
  }
  return (
    <section
      ref={box}
      className={classes.log}
      aria-label="Log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        follows.current = scrollTop + clientHeight > scrollHeight - 24;
      }}
    >
      <pre>{text}</pre>
    </section>
  );
}
