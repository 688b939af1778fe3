/** Restore, verify, pin, delete. Deleting asks here, and names what would be lost with it. */
import { Button } from '@mantine/core';
import { IconDatabaseImport, IconPin, IconPinnedOff, IconShieldCheck, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../../api/actions';
import { verifyBackup } from '../../api/backups';
import { invoke } from '../../api/invoke';
import { refresh } from '../../api/queries';
import type { BackupListed, Connection } from '../../api/types.generated';
import { askRestore } from '../../components/backup/ask';
import { type Asked, askedBy, Confirm } from '../../components/backup/Confirm';
import { notifyError, notifySuccess } from '../../components/notify';
import { formatBytes } from '../../lib/format';
import classes from './backups.module.css';

interface Props {
  connection: Connection;
  backup: BackupListed;
  isBusy: boolean;
  onClose(): void;
}

export function Actions({ connection, backup, isBusy, onClose }: Props) {
  const update = useAction('backup:update');
  const [isDeleting, setDeleting] = useState(false);
  const key = { connection: connection.id, backup_id: backup.id };
  if (isDeleting)
    return (
      <Deleting connection={connection} backup={backup} onBack={() => setDeleting(false)} onDone={onClose} />
    );
  return (
    <div className={classes.actions}>
      <Button
        disabled={!backup.restorable}
        title={backup.restore_problem ?? undefined}
        leftSection={<IconDatabaseImport size={15} />}
        onClick={() => {
          // The sheet is a dialog of its own: one at a time.
          onClose();
          askRestore({ connection: connection.id, backupId: backup.id });
        }}
      >
        Restore…
      </Button>
      <Button
        variant="default"
        disabled={isBusy}
        leftSection={<IconShieldCheck size={15} />}
        onClick={() => void verifyBackup(key)}
      >
        Verify now
      </Button>
      <Button
        variant="default"
        loading={update.isPending && update.variables?.pinned !== undefined}
        leftSection={backup.pinned ? <IconPinnedOff size={15} /> : <IconPin size={15} />}
        onClick={() => update.mutate({ ...key, pinned: !backup.pinned })}
      >
        {backup.pinned ? 'Unpin' : 'Pin'}
      </Button>
      <Button
        variant="subtle"
        color="red"
        ml="auto"
        leftSection={<IconTrash size={15} />}
        onClick={() => setDeleting(true)}
      >
        Delete…
      </Button>
    </div>
  );
}

interface DeletingProps {
  connection: Connection;
  backup: BackupListed;
  onBack(): void;
  onDone(): void;
}

function Deleting({ connection, backup, onBack, onDone }: DeletingProps) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [isBusy, setBusy] = useState(false);
  const remove = async (confirm?: string) => {
    setBusy(true);
    try {
      await invoke('backup:delete', {
        connection: connection.id,
        backup_id: backup.id,
        ...(confirm && { confirm }),
      });
      notifySuccess('The backup is deleted', `${formatBytes(backup.size_bytes)} are free again`);
      onDone();
      void refresh(client, ['backup:', 'timeline:', 'history:', 'dashboard:show']);
    } catch (problem) {
      const asks = askedBy(problem);
      if (asks) setAsked(asks);
      else {
        notifyError(problem);
        onBack();
      }
    } finally {
      setBusy(false);
    }
  };
  const label = `Delete the backup of ${connection.name}`;
  return (
    <section className={classes.deleting} aria-label="Delete this backup?">
      {asked ? (
        <Confirm
          asked={asked}
          action={label}
          isBusy={isBusy}
          onBack={onBack}
          onConfirm={(typed) => void remove(typed)}
        />
      ) : (
        <>
          <p>
            Its files are removed from the disk. This cannot be undone, and {formatBytes(backup.size_bytes)}{' '}
            become free.
          </p>
          <div className={classes.buttons}>
            <Button variant="default" onClick={onBack} data-autofocus>
              Keep it
            </Button>
            <Button color="red" loading={isBusy} onClick={() => void remove()}>
              {label}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
