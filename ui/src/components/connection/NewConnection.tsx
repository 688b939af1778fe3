/** New connection: by form, by pasting a URL, or by opening a folder that already has migrations. */
import { Modal, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Connection } from '../../api/types.generated';
import { paths } from '../../lib/paths';
import { notifySuccess } from '../notify';
import { ByFolder } from './ByFolder';
import { ByForm, type FormStart } from './ByForm';
import { ByUrl } from './ByUrl';
import classes from './connection.module.css';

type Tab = 'form' | 'url' | 'folder';

interface Props {
  tab: Tab;
  onClose(): void;
}

export default function NewConnection({ tab: first, onClose }: Props) {
  const [tab, setTab] = useState<Tab>(first);
  const [start, setStart] = useState<FormStart | null>(null);
  const navigate = useNavigate();
  const onDone = (connection: Connection) => {
    onClose();
    notifySuccess(`${connection.name} is saved`);
    navigate(paths.migrations(connection.id));
  };
  return (
    <Modal opened onClose={onClose} title="New connection" size={640} closeOnClickOutside={false}>
      <div className={classes.stack}>
        <SegmentedControl
          fullWidth
          aria-label="How to connect"
          value={tab}
          onChange={(value) => setTab(value as Tab)}
          data={[
            { value: 'form', label: 'Form' },
            { value: 'url', label: 'Paste a URL' },
            { value: 'folder', label: 'Open a folder' },
          ]}
        />
        {tab === 'form' && (
          <ByForm key={start?.key ?? 'new'} start={start} onDone={onDone} onCancel={onClose} />
        )}
        {tab === 'url' && (
          <ByUrl
            onDone={onDone}
            onCancel={onClose}
            onEdit={(parts) => {
              setStart(parts);
              setTab('form');
            }}
          />
        )}
        {tab === 'folder' && <ByFolder onDone={onDone} onCancel={onClose} />}
      </div>
    </Modal>
  );
}
