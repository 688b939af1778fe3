/** The first migration of a database that is there: shown, then written and marked as applied. */
import { Button, Loader, Modal } from '@mantine/core';
import { isDeclined, useAction } from '../../api/actions';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import { CodeView } from '../CodeView';
import dialogs from '../dialogs.module.css';
import { ErrorPanel } from '../ErrorPanel';
import { notifySuccess } from '../notify';
import classes from './convert.module.css';

export function BaselineDialog({ connection, onClose }: { connection: Connection; onClose(): void }) {
  const look = useChannel(
    'convert:baseline',
    { connection: connection.id, preview: true },
    { staleTime: 0, gcTime: 0 },
  );
  const write = useAction('convert:baseline', {
    quiet: true,
    onSuccess: (made) => {
      notifySuccess(
        'The first migration is written',
        `${made.filename} is marked as applied; nothing was run.`,
      );
      onClose();
    },
  });
  const found = look.data;
  const error = look.error ?? (isDeclined(write.error) ? null : write.error);
  return (
    <Modal opened onClose={onClose} title={`Start from the database of ${connection.name}`} size={760}>
      <p className={dialogs.text}>
        The schema as it is becomes the first migration, marked as applied. It does not run on this database;
        a new one begins with it.
      </p>
      {look.isPending && (
        <p>
          <Loader size="xs" /> Reading the schema and trying it on a scratch database…
        </p>
      )}
      {found && (
        <>
          <p className={found.proven ? undefined : classes.warn}>{found.proof}</p>
          {found.not_expressed.length + found.notes.length > 0 && (
            <ul className={classes.warn}>
              {[...found.not_expressed, ...found.notes].map((one) => (
                <li key={one}>{one}</li>
              ))}
            </ul>
          )}
          <div className={classes.preview}>
            <CodeView text={found.content} label="The first migration" />
          </div>
        </>
      )}
      {error && (
        <div className={dialogs.error}>
          <ErrorPanel error={error} connection={connection.id} compact />
        </div>
      )}
      <div className={dialogs.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={!found}
          loading={write.isPending}
          onClick={() => found && write.mutate({ connection: connection.id, sha256: found.sha256 })}
        >
          Write and mark on {connection.name}
        </Button>
      </div>
    </Modal>
  );
}
