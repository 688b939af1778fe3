/** Short messages in the corner. Errors stay until they are closed; they say what to do. */
import { notifications } from '@mantine/notifications';
import { IconAlertCircle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import { asChannelError } from '../api/invoke';

export function notifySuccess(title: string, message?: string): void {
  notifications.show({ title, message, color: 'green', icon: <IconCheck size={16} />, autoClose: 4000 });
}

export function notifyInfo(title: string, message?: string): void {
  notifications.show({ title, message, color: 'blue', icon: <IconInfoCircle size={16} />, autoClose: 6000 });
}

export function notifyError(problem: unknown): void {
  const error = asChannelError(problem);
  notifications.show({
    // The same error again replaces itself instead of piling up.
    id: `${error.code} ${error.message}`,
    title: error.title,
    message: (
      <>
        {error.message}
        {error.hint && <div className="dim">{error.hint}</div>}
      </>
    ),
    color: 'red',
    icon: <IconAlertCircle size={16} />,
    autoClose: false,
    role: 'alert',
  });
}
