/** A dialog to choose a folder. */
import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useChannel } from '../../api/queries';
import dialogs from '../dialogs.module.css';
import { FolderBrowser } from './FolderBrowser';

interface Props {
  title: string;
  action: string;
  start?: string | null;
  onClose(): void;
  onChoose(path: string): void;
}

export function FolderPicker({ title, action, start = null, onClose, onChoose }: Props) {
  const [path, setPath] = useState<string | null>(start);
  // The browser asks the same, so this is its answer from the cache: where the home folder is.
  const { data, error } = useChannel('app:folders', { path });
  const chosen = path ?? data?.path ?? null;
  return (
    <Modal opened onClose={onClose} title={title} size={520} zIndex={320}>
      <FolderBrowser path={path} onPath={setPath} />
      <div className={dialogs.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!chosen || error !== null} onClick={() => chosen && onChoose(chosen)}>
          {action}
        </Button>
      </div>
    </Modal>
  );
}
