/** An error in plain words: what happened, what to do, the details to copy, and buttons that do it. */
import { Button } from '@mantine/core';
import {
  IconAlertCircle,
  IconBook,
  IconBug,
  IconChevronRight,
  IconDatabase,
  IconLock,
} from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { knownOf, useErrorCatalogue } from '../api/errors';
import { asChannelError, type ChannelError } from '../api/invoke';
import { useChannel } from '../api/queries';
import { isLocked } from '../lib/locked';
import { paths } from '../lib/paths';
import { CopyTextButton } from './CopyTextButton';
import { ErrorActions } from './ErrorActions';
import classes from './ErrorPanel.module.css';
import { ReportDialog } from './error/ReportDialog';
import { shapeOf, textOf } from './error/report';
import { withCode } from './Prose';
import { askUnlock } from './unlock';

interface Props {
  error: unknown;
  /** The connection it is about: gives the buttons that mend it (unlock, create the database, edit…). */
  connection?: string | null;
  onRetry?(): void;
  /** More buttons of the caller's own. */
  actions?: ReactNode;
  /** Actions of the catalogue that the caller's own buttons do. */
  without?: readonly string[];
  /** The caller says itself what it means for the data. */
  saysData?: boolean;
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
  connection = null,
  onRetry,
  actions,
  without,
  saysData = false,
  compact = false,
}: Props & { problem: ChannelError }) {
  const [open, setOpen] = useState(false);
  const [reporting, setReporting] = useState(false);
  const [near, setNear] = useState(false);
  const known = knownOf(useErrorCatalogue().data, problem);
  const report = useReport(problem, connection, near || open);
  const data = saysData ? null : (known.reason?.data ?? known.code?.data);
  // A cause speaks through the message; a reason of the error's own is its better name.
  const title = (problem.details.reason ? known.reason?.title : null) ?? problem.title;
  const page = known.reason?.key ?? known.code?.key;
  return (
    <div
      role="alert"
      className={`${classes.panel} ${compact ? classes.compact : ''}`}
      onPointerEnter={() => setNear(true)}
      onFocus={() => setNear(true)}
    >
      <IconAlertCircle size={18} stroke={2} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        <div className={classes.title}>{title}</div>
        {problem.message && problem.message !== problem.title && (
          <p className={classes.message}>{problem.message}</p>
        )}
        {problem.hint && <p className={classes.hint}>{withCode(problem.hint)}</p>}
        {data && (
          <p className={classes.data}>
            <IconDatabase size={14} aria-hidden /> <span>{withCode(data)}</span>
          </p>
        )}
        <div className={classes.actions}>
          {/* A caller that knows some of the fixes itself has the likeliest one. */}
          {without && actions}
          <ErrorActions error={problem} connection={connection} onRetry={onRetry} without={without} />
          {!without && actions}
        </div>
        <div className={classes.more}>
          <Button
            variant="subtle"
            color="gray"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            leftSection={<IconChevronRight size={14} className={open ? classes.turned : classes.turn} />}
          >
            Details
          </Button>
          <CopyTextButton text={report} label="Copy details" variant="subtle" color="gray" />
          {page && (
            <Button
              component={Link}
              to={paths.error(page)}
              variant="subtle"
              color="gray"
              leftSection={<IconBook size={14} />}
            >
              About this error
            </Button>
          )}
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconBug size={14} />}
            onClick={() => setReporting(true)}
          >
            Report issue
          </Button>
        </div>
        {open && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
          <pre className={classes.details} tabIndex={0}>
            {report}
          </pre>
        )}
        {reporting && (
          <ReportDialog error={problem} connection={connection} onClose={() => setReporting(false)} />
        )}
      </div>
    </div>
  );
}

/** The text to copy, with versions, as the backend writes it; before it answered, or without it, what is known here. */
function useReport(error: ChannelError, connection: string | null, wanted: boolean): string {
  const { data } = useChannel(
    'error:report',
    { error: { ...shapeOf(error) }, channel: error.channel, connection, probe: false },
    { enabled: wanted, staleTime: Number.POSITIVE_INFINITY },
  );
  return data?.details ?? textOf(error);
}
