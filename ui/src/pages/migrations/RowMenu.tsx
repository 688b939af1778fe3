/** What can be done with one migration: one menu for all rows, at the mouse or under the button. */
import { Menu } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowBarToDown,
  IconArrowBarUp,
  IconCheckbox,
  IconChecks,
  IconClipboard,
  IconCopy,
  IconEye,
  IconFileCode,
  IconFileImport,
  IconFlask,
  IconForms,
  IconLifebuoy,
  IconMessage,
  IconPlayerPlay,
  IconRefresh,
  IconRepeat,
  IconSquareMinus,
  IconTrash,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/actions';
import type { Connection, Migration } from '../../api/types.generated';
import { askComments } from '../../components/comments/ask';
import { askFailure } from '../../components/failure/ask';
import { hasFailed } from '../../components/failure/words';
import { Kbd } from '../../components/Kbd';
import { notifySuccess } from '../../components/notify';
import { askRun } from '../../components/run/ask';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import { newerApplied, waitingUpTo } from './batches';
import classes from './migrations.module.css';

export interface MenuAt {
  migration: Migration;
  x: number;
  y: number;
}

interface Props {
  at: MenuAt | null;
  connection: Connection;
  /** All there are, oldest first. */
  migrations: Migration[];
  onClose(): void;
  onRename(migration: Migration): void;
  onDelete(migration: Migration): void;
}

const ICON = { size: 15, stroke: 1.8 };

export function RowMenu({ at, connection, migrations, onClose, onRename, onDelete }: Props) {
  const navigate = useNavigate();
  const restore = useAction('migration:restore', {
    onSuccess: (back) =>
      notifySuccess('The file is back', back.filename, { to: paths.editor(connection.id, back.filename) }),
  });
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
  const hasNewerApplied = isApplied && newerApplied(migrations, migration);
  const upToHere = isApplied ? [] : waitingUpTo(migrations, migration).map((each) => each.filename);
  const key = (keys: string) => (
    <span aria-hidden>
      <Kbd keys={keys} />
    </span>
  );
  return (
    <Menu
      opened
      onClose={onClose}
      position="bottom-start"
      width={300}
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
        {isMissing && migration.sha256 && (
          <Menu.Item
            leftSection={<IconFileImport {...ICON} />}
            onClick={() => restore.mutate({ connection: connection.id, version: migration.filename })}
          >
            Restore the file from what ran
          </Menu.Item>
        )}
        {!isMissing && (
          <>
            <Menu.Item
              leftSection={<IconEye {...ICON} />}
              onClick={() => ask(isApplied ? 'migration:down' : 'migration:up', { ...one, looking: true })}
              rightSection={key('p')}
            >
              Preview
            </Menu.Item>
            <Menu.Item
              leftSection={<IconFlask {...ICON} />}
              onClick={() =>
                ask(isApplied ? 'migration:down' : 'migration:up', { ...one, looking: true, rehearse: true })
              }
              rightSection={key('shift+p')}
            >
              Rehearse…
            </Menu.Item>
          </>
        )}
        {hasFailed(migration) && (
          <Menu.Item
            leftSection={<IconLifebuoy {...ICON} />}
            onClick={() => askFailure({ connection: connection.id, version: migration.filename })}
            rightSection={key('w')}
          >
            What happened, and what now…
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconMessage {...ICON} />}
          onClick={() =>
            askComments({ connection: connection.id, version: migration.version, name: migration.name })
          }
        >
          Comments…
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
                rightSection={key('t')}
              >
                Retry on {name}
              </Menu.Item>
            )}
            <Menu.Item
              disabled={locked}
              leftSection={<IconArrowBarToDown {...ICON} />}
              onClick={() => ask('migration:up', { to: migration.filename })}
              rightSection={key('shift+a')}
            >
              Apply up to here
            </Menu.Item>
            <Menu.Item
              disabled={locked}
              leftSection={<IconPlayerPlay {...ICON} />}
              onClick={() => ask('migration:up', one)}
              rightSection={key('o')}
            >
              Apply only this one
            </Menu.Item>
            <Menu.Item
              disabled={locked}
              leftSection={<IconCheckbox {...ICON} />}
              onClick={() => ask('migration:baseline', { ...one, mark: 'applied' })}
              rightSection={key('m')}
            >
              Mark as applied…
            </Menu.Item>
            {upToHere.length > 1 && (
              <Menu.Item
                disabled={locked}
                leftSection={<IconChecks {...ICON} />}
                onClick={() => ask('migration:baseline', { versions: upToHere, mark: 'applied' })}
              >
                Mark {formatCount(upToHere.length)} up to here as applied…
              </Menu.Item>
            )}
          </>
        )}
        {isApplied && (
          <>
            <Menu.Item
              disabled={locked || !hasNewerApplied}
              leftSection={<IconArrowBarUp {...ICON} />}
              onClick={() => ask('migration:down', { to: migration.filename })}
              rightSection={key('shift+r')}
            >
              Roll back to here, keeping this
            </Menu.Item>
            <Menu.Item
              disabled={locked || isMissing}
              leftSection={<IconArrowBackUp {...ICON} />}
              onClick={() => ask('migration:down', one)}
              rightSection={key('u')}
            >
              Roll back only this one
            </Menu.Item>
            <Menu.Item
              disabled={locked || isMissing}
              leftSection={<IconRepeat {...ICON} />}
              onClick={() => ask('migration:redo', one)}
              rightSection={key('e')}
            >
              Redo: roll back, then apply
            </Menu.Item>
            <Menu.Item
              disabled={locked}
              leftSection={<IconSquareMinus {...ICON} />}
              onClick={() => ask('migration:baseline', { ...one, mark: 'not_applied' })}
              rightSection={key('shift+m')}
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
