/** Lines over the text: why it cannot be edited, what was brought back, what could not be saved. */
import { Button } from '@mantine/core';
import { IconGitCompare, IconHistory, IconInfoCircle, IconLock, IconTransform } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import type { Connection } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { WaysOutButton } from '../../components/failure/WaysOutButton';
import { formatBytes, formatRelative } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './editor.module.css';
import { MissingFile } from './MissingFile';
import type { Doc } from './useDocument';

interface Props {
  connection: Connection;
  doc: Doc;
  readOnly: boolean;
  large: boolean;
  onEditAnyway(): void;
  onCompare(): void;
}

export function Notes({ connection, doc, readOnly, large, onEditAnyway, onCompare }: Props) {
  const { migration, ran, content } = doc.base.file;
  const isMissing = migration.flags.includes('missing_file');
  const isEdited = ran !== null && !isMissing;
  return (
    <div className={classes.notes}>
      {doc.problem && (
        <div className={classes.noteError}>
          <ErrorPanel error={doc.problem} connection={connection.id} compact />
        </div>
      )}
      {doc.restoredAt && doc.dirty && (
        <Note
          icon={<IconHistory size={16} />}
          tone="blue"
          actions={
            <Button variant="default" onClick={() => void doc.discard()}>
              Discard them
            </Button>
          }
        >
          Your unsaved changes from {formatRelative(doc.restoredAt)} are back.
        </Note>
      )}
      {doc.reloaded && (
        <Note icon={<IconInfoCircle size={16} />} tone="blue">
          The file changed on disk; this is its new text.
        </Note>
      )}
      {isMissing && <MissingFile connection={connection} migration={migration} />}
      {migration.status === 'applied' && !isMissing && (readOnly || isEdited) && (
        <Note
          icon={readOnly ? <IconLock size={16} /> : <IconGitCompare size={16} />}
          tone={isEdited ? 'violet' : 'gray'}
          actions={
            <>
              {isEdited && (
                <Button variant="default" leftSection={<IconGitCompare size={14} />} onClick={onCompare}>
                  Compare with what ran
                </Button>
              )}
              {readOnly && (
                <Button variant="default" onClick={onEditAnyway}>
                  Edit anyway
                </Button>
              )}
            </>
          }
        >
          {isEdited
            ? `It is applied to ${connection.name}, and the file is no longer what ran there.`
            : `It is applied to ${connection.name}${migration.applied_at ? ` ${formatRelative(migration.applied_at)}` : ''}. A change of the file changes nothing there: write a new migration for that.`}
        </Note>
      )}
      {migration.status === 'applied' && !readOnly && !isEdited && !isMissing && (
        <Note icon={<IconInfoCircle size={16} />} tone="amber">
          It is applied to {connection.name}: saving marks it as edited, and the database stays as it is.
        </Note>
      )}
      {migration.error && migration.status !== 'applied' && (
        <Note
          icon={<IconInfoCircle size={16} />}
          tone="red"
          actions={
            <>
              <WaysOutButton connection={connection.id} version={migration.filename} />
              <PlaceButton connection={connection} doc={doc} />
            </>
          }
        >
          It {migration.flags.includes('partial') ? 'stopped halfway' : 'failed'} on {connection.name}:{' '}
          {migration.error}
        </Note>
      )}
      {large && (
        <Note icon={<IconTransform size={16} />} tone="gray">
          The file has {formatBytes(content.length)}: it is shown without colours, completion and formatting.
        </Note>
      )}
    </div>
  );
}

/** The migrations that failed are retried from the list; here the text is mended. */
function PlaceButton({ connection, doc }: Pick<Props, 'connection' | 'doc'>) {
  const navigate = useNavigate();
  const line = /\bline (\d+)\b/i.exec(doc.base.file.migration.error ?? '')?.[1];
  if (!line) return null;
  const { filename } = doc.base.file.migration;
  return (
    <Button
      variant="default"
      onClick={() => navigate(`${paths.editor(connection.id, filename)}?line=${line}`, { replace: true })}
    >
      Go to line {line}
    </Button>
  );
}

interface NoteProps {
  icon: ReactNode;
  tone: 'blue' | 'gray' | 'violet' | 'amber' | 'red';
  actions?: ReactNode;
  children: ReactNode;
}

export function Note({ icon, tone, actions, children }: NoteProps) {
  return (
    <div className={`${classes.note} ${classes[tone]}`} role="status">
      {icon}
      <span className={classes.noteText}>{children}</span>
      {actions}
    </div>
  );
}
