/** What the user wrote to a backup; saved when the field is left, or on Enter. */
import { TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useAction } from '../../api/actions';
import type { BackupListed, Connection } from '../../api/types.generated';

export function Note({ connection, backup }: { connection: Connection; backup: BackupListed }) {
  const update = useAction('backup:update');
  const [text, setText] = useState(backup.note ?? '');
  const saved = useRef(backup.note ?? '');
  const save = () => {
    if (text.trim() === saved.current) return;
    saved.current = text.trim();
    update.mutate({ connection: connection.id, backup_id: backup.id, note: text.trim() });
  };
  return (
    <TextInput
      label="Note"
      placeholder="What this backup is for"
      value={text}
      maxLength={500}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === 'Enter' && save()}
    />
  );
}
