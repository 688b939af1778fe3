/** What can be done with one migration: one menu for all rows, at the mouse or under the button. */
import { Menu } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowBarToDown,
  IconArrowBarUp,
  IconCheckbox,
  IconClipboard,
  IconCopy,
  IconFileCode,
  IconForms,
  IconPlayerPlay,
  IconRefresh,
  IconRepeat,
  IconSquareMinus,
  IconTrash,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { Connection, Migration } from '../../api/types.generated';
import { askRun } from '../../components/run/ask';
import { paths } from '../../lib/paths';
import classes from './migrations.module.css';

export interface MenuAt {
  migration: Migration;
  x: number;
  y: number;
}

interface Props {
  at: MenuAt | null;
  connection: Connection;
  /** Whether a newer one is applied, so that rolling back to this one does something. */
  hasNewerApplied: boolean;
  onClose(): void;
  onRename(migration: Migration): void;
  onDelete(migration: Migration): void;
}

const ICON = { size: 15, stroke: 1.8 };

export function RowMenu({ at, connection, hasNewerApplied, onClose, onRename, onDelete }: Props) {
  const navigate = useNavigate();
  if (!at) return null;
  const { migration } = at;
  const isApplied = migration.status === 'applied';
  const isMissing = migration.flags.includes('missing_file');
  const name = connection.name;
  const ask = (channel: Parameters<typeof askRun>[0]['channel'], more: object) =>
    askRun({ channel, connection: connection.id, ...more });
  const one = { versions: [migration.filename] };
  const copy = (text: string) => void navigator.clipboard?.writeText(text);
  const locked = connection.read_only;
  return (
    <Menu
      opened
      onClose={onClose}
      position="bottom-start"
      width={272}
      returnFocus
      trapFocus
      withinPortal={false}
      floatingStrategy="fixed"
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Actions for ${migration.name}`}
          className={classes.menuPoint}
          style={{ left: at.x, top: at.y }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label={`Actions for ${migration.name}`}>
        <Menu.Item
          leftSection={<IconFileCode {...ICON} />}
          onClick={() => navigate(paths.editor(connection.id, migration.filename))}
        >
          {isMissing ? 'Show what ran' : 'Open'}
        </Menu.Item>
        <Menu.Divider />
        {locked && <Menu.Label>{name} is read-only</Menu.Label>}
        {!isApplied && (
          <>
            {migration.status === 'failed' && (
              <Menu.Item
                disabled={locked}
                leftSection={<IconRefresh {...ICON} />}
                onClick={() => ask('migration:retry', one)}
              >
                Retry on {name}
              </Menu.Item>
            )}
            <Menu.Item
              disabled={locked}
              leftSection={<IconArrowBarToDown {...ICON} />}
              onClick={() => ask('migration:up', { to: migration.filename })}
            >
              Apply up to here
            </Menu.Item>
            <Menu.Item
              disabled={locked}
              leftSection={<IconPlayerPlay {...ICON} />}
              onClick={() => ask('migration:up', one)}
            >
              Apply only this one
            </Menu.Item>
            <Menu.Item
              disabled={locked}
              leftSection={<IconCheckbox {...ICON} />}
              onClick={() => ask('migration:baseline', { ...one, mark: 'applied' })}
            >
              Mark as applied…
            </Menu.Item>
          </>
        )}
        {isApplied && (
          <>
            <Menu.Item
              disabled={locked || !hasNewerApplied}
              leftSection={<IconArrowBarUp {...ICON} />}
              onClick={() => ask('migration:down', { to: migration.filename })}
            >
              Roll back to here, keeping this
            </Menu.Item>
            <Menu.Item
              disabled={locked || isMissing}
              leftSection={<IconArrowBackUp {...ICON} />}
              onClick={() => ask('migration:down', one)}
            >
              Roll back only this one
            </Menu.Item>
            <Menu.Item
              disabled={locked || isMissing}
              leftSection={<IconRepeat {...ICON} />}
              onClick={() => ask('migration:redo', one)}
            >
              Redo: roll back, then apply
            </Menu.Item>
            <Menu.Item
              disabled={locked}
              leftSection={<IconSquareMinus {...ICON} />}
              onClick={() => ask('migration:baseline', { ...one, mark: 'not_applied' })}
            >
              Mark as not applied…
            </Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconClipboard {...ICON} />} onClick={() => copy(migration.filename)}>
          Copy the name
        </Menu.Item>
        <Menu.Item leftSection={<IconClipboard {...ICON} />} onClick={() => copy(migration.version)}>
          Copy the version
        </Menu.Item>
        {!isMissing && (
          <Menu.Item
            leftSection={<IconCopy {...ICON} />}
            onClick={() =>
              navigate(`${paths.newMigration(connection.id)}?from=${encodeURIComponent(migration.filename)}`)
            }
          >
            Duplicate…
          </Menu.Item>
        )}
        {!isApplied && (
          <>
            <Menu.Item leftSection={<IconForms {...ICON} />} onClick={() => onRename(migration)}>
              Rename…
            </Menu.Item>
            <Menu.Item
              c="var(--red)"
              leftSection={<IconTrash {...ICON} />}
              onClick={() => onDelete(migration)}
            >
              Delete the file…
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
