/** Leaving with unsaved changes asks first. Even then nothing is lost: they stay as a draft unless they are discarded. */
import { Button, Modal } from '@mantine/core';
import { useBlocker } from 'react-router';
import dialogs from '../../components/dialogs.module.css';
import { isTabSwitch } from '../../lib/navigation';
import type { Doc } from './useDocument';

/** Put on a way to another file from within the editor: the draft stays, so nobody is asked. */
export const KEEPS_DRAFT = { keepsDraft: true };

const keepsDraft = (location: { state?: unknown }) =>
  (location.state as { keepsDraft?: boolean } | null)?.keepsDraft === true;

interface Props {
  doc: Doc;
  onSave(): Promise<boolean>;
  onFailed(problem: unknown): void;
}

export function LeaveGuard({ doc, onSave, onFailed }: Props) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      doc.dirty &&
      !isTabSwitch(nextLocation) &&
      !keepsDraft(nextLocation) &&
      currentLocation.pathname !== nextLocation.pathname,
  );
  if (blocker.state !== 'blocked') return null;
  const leave = () => blocker.proceed();
  const save = async () => {
    if (await onSave()) leave();
    else blocker.reset();
  };
  return (
    <Modal opened onClose={() => blocker.reset()} title="Leave with unsaved changes?" size={480}>
      <p className={dialogs.text}>
        <span className="mono">{doc.base.file.migration.filename}</span> has changes that are not saved. As a
        draft they are here again when you come back.
      </p>
      <div className={dialogs.buttons}>
        <Button
          variant="subtle"
          color="red"
          onClick={() => doc.discard().then(leave, onFailed)}
          style={{ marginRight: 'auto' }}
        >
          Discard
        </Button>
        <Button variant="default" onClick={() => blocker.reset()}>
          Stay
        </Button>
        <Button variant="default" onClick={leave}>
          Keep as a draft
        </Button>
        <Button
          loading={doc.saving}
          disabled={doc.conflict !== null}
          onClick={() => void save()}
          data-autofocus
        >
          Save and leave
        </Button>
      </div>
    </Modal>
  );
}
