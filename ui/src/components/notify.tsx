/** Short messages in the corner that lead to what they speak of. Errors stay until they are closed; they say what to do. */
import { Button } from '@mantine/core';
import { type NotificationData, notifications } from '@mantine/notifications';
import { IconAlertCircle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asChannelError } from '../api/invoke';
import { showJob } from '../api/jobs';
import { goTo } from '../lib/navigation';
import classes from './notify.module.css';

export interface Lead {
  /** An address (paths.…): a click on the toast, or its button, goes there. */
  to?: string;
  /** A job whose panel a click opens. */
  job?: string;
  /** What the button that leads there says: `Open the file`. */
  label?: string;
  /** One more thing to do. */
  action?: { label: string; run(): void };
  /** Takes back what was done; the toast stays longer. What goes wrong is announced. */
  undo?: () => unknown;
}

const SHORT_MS = 4000;
const LONG_MS = 9000;

/** The toast that was there under the same id is replaced. */
export function notifySuccess(title: string, message?: string, lead: Lead = {}): string {
  const look = { color: 'green', icon: <IconCheck size={16} />, autoClose: SHORT_MS };
  return show(title, message, lead, look);
}

export function notifyInfo(title: string, message?: string, lead: Lead = {}): string {
  const look = { color: 'blue', icon: <IconInfoCircle size={16} />, autoClose: 6000 };
  return show(title, message, lead, look);
}

export function notifyWarning(title: string, message?: string, lead: Lead = {}): string {
  const look = { color: 'red', icon: <IconAlertCircle size={16} />, autoClose: false as const };
  return show(title, message, lead, look);
}

export function notifyError(problem: unknown, lead: Lead = {}): string {
  const error = asChannelError(problem);
  const words = (
    <>
      {error.message}
      {error.hint && <div className="dim">{error.hint}</div>}
    </>
  );
  return show(error.title, words, lead, {
    // The same error again replaces itself instead of piling up.
    id: `${error.code} ${error.message}`,
    color: 'red',
    icon: <IconAlertCircle size={16} />,
    autoClose: false,
    role: 'alert',
  });
}

let count = 0;

function show(title: string, message: ReactNode, lead: Lead, look: Partial<NotificationData>): string {
  count += 1;
  const id = look.id ?? `toast-${count}`;
  const close = () => notifications.hide(id);
  const leads = lead.to !== undefined || lead.job !== undefined;
  const follow = () => {
    close();
    if (lead.job !== undefined) showJob(lead.job);
    if (lead.to !== undefined) goTo(lead.to);
  };
  const has = leads || lead.action || lead.undo;
  const autoClose = has && look.autoClose === SHORT_MS ? LONG_MS : look.autoClose;
  notifications.hide(id);
  notifications.show({
    ...look,
    id,
    title,
    autoClose,
    className: leads ? `${classes.toast} ${classes.leads}` : classes.toast,
    // For the mouse the whole of it leads there; the button is what the keyboard and screen readers have.
    onClick: leads ? follow : undefined,
    message: (
      <>
        {message}
        {has && <Buttons lead={lead} follow={leads ? follow : null} close={close} />}
      </>
    ),
  });
  return id;
}

interface ButtonsProps {
  lead: Lead;
  follow: (() => void) | null;
  close(): void;
}

function Buttons({ lead, follow, close }: ButtonsProps) {
  const { action, undo } = lead;
  const undoIt = async () => {
    close();
    try {
      await undo?.();
    } catch (problem) {
      notifyError(problem);
    }
  };
  const ends = (run: () => void) => (event: { stopPropagation(): void }) => {
    event.stopPropagation();
    close();
    run();
  };
  return (
    <div className={classes.buttons}>
      {follow && (
        <Button size="compact-xs" variant="light" onClick={ends(follow)}>
          {lead.label ?? (lead.job ? 'Show the run' : 'Open')}
        </Button>
      )}
      {action && (
        <Button size="compact-xs" variant="default" onClick={ends(action.run)}>
          {action.label}
        </Button>
      )}
      {undo && (
        <Button size="compact-xs" variant="default" onClick={ends(() => void undoIt())}>
          Undo
        </Button>
      )}
    </div>
  );
}
