/** What can be done with the migration: saved as files; and where it is drift, the two ways out of it. */
import { Button, Menu, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconCircleCheck, IconFilePlus } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { act, isDeclined } from '../../../api/actions';
import type { Connection } from '../../../api/types.generated';
import { notifyError, notifyInfo, notifySuccess } from '../../../components/notify';
import { askRun } from '../../../components/run/ask';
import { isDrift } from '../../../components/schemaDiff/sides';
import type { Diff } from '../../../components/schemaDiff/state';
import { plural } from '../../../lib/format';
import { paths } from '../../../lib/paths';
import classes from './diff.module.css';
import { useSaveFiles } from './useSaveFiles';

export function SaveActions({ connection, diff }: { connection: Connection; diff: Diff }) {
  const navigate = useNavigate();
  const { save, isSaving } = useSaveFiles(connection, diff);
  const { name, files, saved, compared, busy } = diff.state;
  const drifted = compared !== null && isDrift(compared.from, compared.to);
  const cannot = files.length === 0 || !name.trim() || busy !== null;
  const many = files.length > 1 ? plural(files.length, 'migration') : 'migration';

  const some = files.length > 1 ? many : 'a migration';

  const open = async () => {
    const made = await save();
    if (!made) return;
    const [only] = made;
    if (made.length === 1 && only) return navigate(paths.editor(connection.id, only));
    notifySuccess(`${plural(made.length, 'migration')} made`, 'They are pending, in the order they run.');
    navigate(paths.migrations(connection.id));
  };
  /** The database is like that already: the files only have to be recorded. */
  const adopt = async (then?: (made: string[]) => void) => {
    const made = await save();
    if (!made) return;
    askRun({
      channel: 'migration:baseline',
      connection: connection.id,
      versions: made,
      mark: 'applied',
      onEnd: (run) => {
        if (run && then) then(made);
        else if (run) void diff.checkDrift();
      },
    });
  };
  const remove = async (made: string[]) => {
    try {
      for (const version of made) await act('migration:delete', { connection: connection.id, version });
    } catch (problem) {
      if (!isDeclined(problem)) notifyError(problem);
    }
  };
  /** Recorded as applied, and then rolled back by their own, proven way back. */
  const bringBack = () =>
    adopt((made) =>
      askRun({
        channel: 'migration:down',
        connection: connection.id,
        versions: made,
        onEnd: (run) => {
          if (!run) return;
          void diff.checkDrift();
          notifyInfo(
            `${connection.name} is back to what its migrations make`,
            'The migration that was rolled back is pending: it can go, or be applied one day.',
            { action: { label: 'Delete it', run: () => void remove(made) } },
          );
        },
      }),
    );

  return (
    <>
      <TextInput
        className={classes.name}
        aria-label="Name of the migration"
        value={name}
        disabled={saved.length > 0}
        onChange={(event) => diff.change({ name: event.currentTarget.value })}
      />
      {saved.length > 0 && (
        <span className="dim truncate">
          {saved.length} of {files.length} written; saving again writes the rest
        </span>
      )}
      <div className={classes.right}>
        {drifted ? (
          <Menu position="bottom-end" withinPortal={false}>
            <Menu.Target>
              <Button
                loading={isSaving}
                disabled={cannot || connection.read_only}
                rightSection={<IconChevronDown size={14} />}
              >
                Settle the drift
              </Button>
            </Menu.Target>
            <Menu.Dropdown maw={380}>
              <Menu.Item leftSection={<IconCircleCheck size={16} />} onClick={() => void adopt()}>
                Keep the change
                <span className={classes.explained}>
                  Save it as {some} and mark it as applied on {connection.name}: other databases get it when
                  they are migrated.
                </span>
              </Menu.Item>
              <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => void bringBack()}>
                Bring {connection.name} back
                <span className={classes.explained}>
                  Save it, mark it as applied, then roll it back: its down undoes what was changed by hand.
                  You see the plan first.
                </span>
              </Menu.Item>
              <Menu.Item leftSection={<IconFilePlus size={16} />} onClick={() => void open()}>
                Only save it as {some}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        ) : (
          <Button
            leftSection={<IconFilePlus size={15} />}
            loading={isSaving}
            disabled={cannot}
            onClick={() => void open()}
          >
            Save as {many} for {connection.name}
          </Button>
        )}
      </div>
    </>
  );
}
