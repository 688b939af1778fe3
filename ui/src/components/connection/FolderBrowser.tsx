/** Folders to choose from, as the backend's machine has them. Enter or a click goes in; backspace goes up. */
import { ActionIcon, Loader, TextInput, Tooltip } from '@mantine/core';
import { IconArrowUp, IconFolder, IconFolderFilled } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useChannel } from '../../api/queries';
import { plural } from '../../lib/format';
import { ErrorPanel } from '../ErrorPanel';
import classes from './connection.module.css';

interface Props {
  /** Null: the user's home. */
  path: string | null;
  onPath(path: string): void;
}

export function FolderBrowser({ path, onPath }: Props) {
  const { data, error, isFetching } = useChannel(
    'app:folders',
    { path },
    { placeholderData: (before) => before },
  );
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? path ?? data?.path ?? '';
  const go = (to: string) => {
    setTyped(null);
    onPath(to);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (shown.trim()) go(shown.trim());
  };
  return (
    <div className={classes.browser}>
      <form className={classes.browserBar} onSubmit={submit}>
        <Tooltip label="Folder above">
          <ActionIcon
            aria-label="Folder above"
            disabled={!data?.parent}
            onClick={() => data?.parent && go(data.parent)}
          >
            <IconArrowUp size={16} />
          </ActionIcon>
        </Tooltip>
        <TextInput
          className={classes.grow}
          aria-label="Folder"
          classNames={{ input: 'mono' }}
          value={shown}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => typed?.trim() && go(typed.trim())}
          spellCheck={false}
          rightSection={isFetching ? <Loader size={14} /> : null}
        />
      </form>
      {error ? (
        <ErrorPanel error={error} compact />
      ) : !data?.folders.length ? (
        <section className={classes.folders} aria-label="Folders">
          {data && <div className={classes.noFolders}>No folders in here.</div>}
        </section>
      ) : (
        <div className={classes.folders} role="listbox" aria-label="Folders">
          {data.folders.map((folder) => (
            <button
              key={folder.path}
              type="button"
              role="option"
              aria-selected={false}
              className={classes.folder}
              onClick={() => go(folder.path)}
              onKeyDown={(event) => moveFocus(event.key, event.currentTarget)}
            >
              {folder.has_migrations ? (
                <IconFolderFilled size={16} className={classes.hasMigrations} aria-hidden />
              ) : (
                <IconFolder size={16} className="faint" aria-hidden />
              )}
              <span className="truncate">{folder.name}</span>
              {folder.has_migrations && <span className={classes.folderNote}>has migrations</span>}
            </button>
          ))}
        </div>
      )}
      {data && data.sql_files + data.js_files > 0 && (
        <div className="dim">
          {[
            data.sql_files > 0 && plural(data.sql_files, 'SQL file'),
            data.js_files > 0 && plural(data.js_files, 'JavaScript file'),
          ]
            .filter(Boolean)
            .join(', ')}{' '}
          in this folder
        </div>
      )}
    </div>
  );
}

function moveFocus(key: string, from: HTMLElement): void {
  const to =
    key === 'ArrowDown' ? from.nextElementSibling : key === 'ArrowUp' ? from.previousElementSibling : null;
  if (to instanceof HTMLElement) to.focus();
}
