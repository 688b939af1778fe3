/** An error in plain words: what happened, what to do, the details to copy, and buttons that do it. */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconChevronRight, IconLock } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { asChannelError, type ChannelError } from '../api/invoke';
import { isLocked } from '../lib/locked';
import { CopyTextButton } from './CopyTextButton';
import { ErrorActions } from './ErrorActions';
import classes from './ErrorPanel.module.css';
import { askUnlock } from './unlock';

interface Props {
  error: unknown;
  /** The connection it is about: gives the buttons that mend it (unlock, create the database, edit…). */
  connection?: string | null;
  onRetry?(): void;
  /** More buttons of the caller's own. */
  actions?: ReactNode;
  /** In a dialog or table: no frame to itself. */
  compact?: boolean;
}

export function ErrorPanel(props: Props) {
  const problem = asChannelError(props.error);
  return props.connection && isLocked(problem) ? (
    <Locked message={problem.message} connection={props.connection} onRetry={props.onRetry} />
  ) : (
    <Problem {...props} problem={problem} />
  );
}

interface LockedProps {
  message: string;
  connection: string;
  onRetry?(): void;
}

/** Nothing is wrong: the password has only not been given yet. */
function Locked({ message, connection, onRetry }: LockedProps) {
  return (
    <div role="status" className={`${classes.panel} ${classes.locked}`}>
      <IconLock size={18} stroke={2} className="dim" aria-hidden />
      <div className={`${classes.body} ${classes.line}`}>
        <span>{message}</span>
        <Button onClick={() => askUnlock(connection, onRetry)}>Enter the password</Button>
      </div>
    </div>
  );
}

function Problem({
  problem,
  connection,
  onRetry,
  actions,
  compact = false,
}: Props & { problem: ChannelError }) {
  const [open, setOpen] = useState(false);
  const report = reportOf(problem);
  return (
    <div role="alert" className={`${classes.panel} ${compact ? classes.compact : ''}`}>
      <IconAlertCircle size={18} stroke={2} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        <div className={classes.title}>{problem.title}</div>
        {problem.message && problem.message !== problem.title && (
          <p className={classes.message}>{problem.message}</p>
        )}
        {problem.hint && <p className={classes.hint}>{problem.hint}</p>}
        <div className={classes.actions}>
          <ErrorActions error={problem} connection={connection ?? null} onRetry={onRetry} />
          {actions}
          <CopyTextButton text={report} label="Copy details" variant="subtle" color="gray" />
          <Button
            variant="subtle"
            color="gray"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            leftSection={<IconChevronRight size={14} className={open ? classes.turned : classes.turn} />}
          >
            Details
          </Button>
        </div>
        {open && <pre className={classes.details}>{report}</pre>}
      </div>
    </div>
  );
}

/** The error as text to send to somebody. The backend has left secrets out of it. */
export function reportOf(error: ChannelError): string {
  const lines = [
    `${error.title}\n${error.message}`,
    error.hint,
    `code: ${error.code}${error.channel ? `\nchannel: ${error.channel}` : ''}`,
    Object.keys(error.details).length > 0 && JSON.stringify(error.details, null, 2),
  ];
  return lines.filter(Boolean).join('\n\n');
}
