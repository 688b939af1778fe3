/** A backup by its name, leading to it; and the button that restores it. */
import { Button, Tooltip } from '@mantine/core';
import { IconArchive, IconDatabaseImport } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { paths } from '../../lib/paths';
import { askRestore } from './ask';

interface Props {
  connection: string;
  id: string;
  children?: ReactNode;
  onOpen?(): void;
}

export function BackupLink({ connection, id, children, onOpen }: Props) {
  return (
    <Link to={paths.backups(connection, id)} onClick={onOpen} className={children ? undefined : 'mono'}>
      {children ?? id}
    </Link>
  );
}

interface RestoreButtonProps {
  connection: string;
  id: string;
  label?: string;
  disabled?: boolean;
  /** Before the sheet opens: one of them at a time. */
  onAsk?(): void;
}

export function RestoreButton({ connection, id, label = 'Restore…', disabled, onAsk }: RestoreButtonProps) {
  return (
    <Button
      variant="default"
      disabled={disabled}
      leftSection={<IconDatabaseImport size={15} />}
      onClick={() => {
        onAsk?.();
        askRestore({ connection, backupId: id });
      }}
    >
      {label}
    </Button>
  );
}

/** "The backup before it", with the way to it and back from it: for details of a run. */
export function BackupBefore({
  connection,
  id,
  onLeave,
}: {
  connection: string;
  id: string;
  onLeave?(): void;
}) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8, flexWrap: 'wrap' }}>
      <IconArchive size={14} aria-hidden />
      <BackupLink connection={connection} id={id} onOpen={onLeave} />
      <RestoreButton connection={connection} id={id} onAsk={onLeave} />
    </span>
  );
}

/** In a row that has no room for words: the icon leads to the backup, whose name the tooltip says. */
export function BackupMark({ connection, id }: { connection: string; id: string }) {
  const words = `Backup before it: ${id}`;
  return (
    <Tooltip label={words}>
      <Link
        to={paths.backups(connection, id)}
        aria-label={words}
        // The row has keys and a click of its own; what it opens has the link too.
        tabIndex={-1}
        onClick={(event) => event.stopPropagation()}
        style={{ display: 'inline-flex', color: 'inherit' }}
      >
        <IconArchive size={14} aria-hidden />
      </Link>
    </Tooltip>
  );
}
