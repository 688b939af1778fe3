/** What a test of a connection found, or why it failed. */
import { IconCircleCheck, IconCircleDashed, IconInfoCircle, IconTool } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { ConnectionTest } from '../../api/types.generated';
import { formatDuration } from '../../lib/format';
import { ErrorPanel } from '../ErrorPanel';
import classes from './connection.module.css';

interface Props {
  result: ConnectionTest | undefined;
  error: unknown;
  connection?: string;
  onRetry?(): void;
  /** Shown with what was found: what to do about it. */
  children?: ReactNode;
}

export function TestResult(props: Props) {
  const { result, error } = props;
  const place = useRef<HTMLDivElement>(null);
  // A long form may have been scrolled elsewhere: what was asked for comes into sight.
  useEffect(() => {
    if (result || error) place.current?.scrollIntoView({ block: 'nearest' });
  }, [result, error]);
  if (!result && !error) return null;
  return (
    <div ref={place} className={classes.found}>
      <Found {...props} />
    </div>
  );
}

function Found({ result, error, connection, onRetry, children }: Props) {
  if (error) return <ErrorPanel error={error} connection={connection} onRetry={onRetry} compact />;
  if (!result) return null;
  const broken = result.tools.filter((tool) => !tool.ok);
  return (
    <div className={classes.result} role="status">
      <div className={classes.ok}>
        <IconCircleCheck size={16} aria-hidden /> {result.product} {result.version}
        <span className="dim tabular">answered in {formatDuration(result.latency_ms)}</span>
      </div>
      {!result.database_exists && (
        <div className={classes.note}>
          <IconCircleDashed size={16} aria-hidden /> The database does not exist yet.
        </div>
      )}
      {result.read_only && (
        <div className={classes.note}>
          <IconInfoCircle size={16} aria-hidden /> The server itself refuses writes.
        </div>
      )}
      {result.notes.map((note) => (
        <div key={note} className={classes.note}>
          <IconInfoCircle size={16} aria-hidden /> {note}
        </div>
      ))}
      {broken.map((tool) => (
        <div key={tool.name} className={classes.note}>
          <IconTool size={16} aria-hidden /> {tool.name}: {tool.problem ?? 'not usable'}
        </div>
      ))}
      {children}
    </div>
  );
}
