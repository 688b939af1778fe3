/** Backups of a connection: what there is, whether it can be relied on, and the way back from each. */
import { Button, Loader, Tooltip } from '@mantine/core';
import { IconArchive, IconSettings } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { backUpNow, useBackupJobs, useBackupSettings, useBackups, verifyBackup } from '../../api/backups';
import { useConnections, useEngine } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { BackupListed, Connection } from '../../api/types.generated';
import { askRestore } from '../../components/backup/ask';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { notifyInfo } from '../../components/notify';
import { Page } from '../../components/Page';
import { useCommands } from '../../lib/commands';
import { formatBytes, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './backups.module.css';
import { Details } from './Details';
import { Problems } from './Problems';
import { Standing } from './Standing';
import { Strips } from './Strips';
import { Table, type TableHandle } from './Table';

export default function BackupsPage() {
  const { connection: id = '' } = useParams();
  const { data, error, refetch } = useConnections();
  const connection = data?.connections.find((one) => one.id === id);
  if (error)
    return (
      <Page title="Backups">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (data && !connection)
    return (
      <Page title="Backups">
        <EmptyState title="There is no such connection">It may have been renamed or removed.</EmptyState>
      </Page>
    );
  return connection ? <Loaded key={id} connection={connection} /> : <Page title="Backups">{null}</Page>;
}

function Loaded({ connection }: { connection: Connection }) {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const engine = useEngine(connection.engine);
  const list = useBackups(connection.id);
  const plan = useChannel('backup:plan', { connection: connection.id }, { staleTime: 30_000 });
  const settings = useBackupSettings(connection);
  const jobs = useBackupJobs(connection.id);
  const table = useRef<TableHandle>(null);
  const [active, setActive] = useState(0);
  const chosen = params.get('backup');
  const show = (id: string | null) => setParams(id ? { backup: id } : {}, { replace: id === null });
  const isMaking = jobs.some((job) => job.channel === 'backup:create' && job.state === 'running');
  const cannot = engine?.capabilities.backup?.supported === false ? engine.capabilities.backup.reason : null;
  const why = cannot ?? (plan.data?.possible === false ? plan.data.problem : null);
  const make = () => !isMaking && !why && void backUpNow(connection.id);
  const backups = list.data?.backups ?? [];
  const [newest] = backups;
  const chosenRow = backups[active];

  useCommands([
    {
      id: 'backups-now',
      label: `Back up ${connection.name} now`,
      group: 'Backups',
      keys: 'b',
      words: 'create make dump',
      // The palette has it from the frame, on every page.
      hidden: true,
      run: make,
    },
    ...(newest
      ? [
          {
            id: 'backups-restore-newest',
            label: 'Restore the newest backup…',
            group: 'Backups',
            run: () => askRestore({ connection: connection.id, backupId: newest.id }),
          },
        ]
      : []),
    ...(chosenRow
      ? [
          {
            id: 'backups-restore',
            label: 'Restore the chosen backup…',
            group: 'Backups',
            keys: 'r',
            run: () =>
              chosenRow.restorable
                ? askRestore({ connection: connection.id, backupId: chosenRow.id })
                : notifyInfo('It cannot be restored', chosenRow.restore_problem ?? undefined),
          },
          {
            id: 'backups-verify',
            label: 'Verify the chosen backup',
            group: 'Backups',
            keys: 'v',
            words: 'check read',
            run: () => void verifyBackup({ connection: connection.id, backup_id: chosenRow.id }),
          },
        ]
      : []),
    {
      id: 'backups-settings',
      label: `Backup settings of ${connection.name}`,
      group: 'Backups',
      words: 'retention keep folder automatic',
      run: () => void navigate(paths.backupSettings(connection.id)),
    },
  ]);

  const button = (
    <Tooltip label={why} disabled={!why} multiline maw={340}>
      <Button leftSection={<IconArchive size={15} />} disabled={Boolean(why) || isMaking} onClick={make}>
        {isMaking ? `Backing up ${connection.name}…` : `Back up ${connection.name} now`}
      </Button>
    </Tooltip>
  );
  return (
    <Page
      title="Backups"
      width="full"
      note={list.data && backups.length > 0 && <Sum backups={backups} />}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconSettings size={15} />}
            onClick={() => navigate(paths.backupSettings(connection.id))}
          >
            Settings
          </Button>
          {button}
        </>
      }
      bar={
        <Standing
          connection={connection}
          plan={plan.data}
          error={plan.error}
          cannot={cannot}
          settings={settings}
        />
      }
    >
      <Strips connection={connection} jobs={jobs} />
      <Problems problems={list.data?.problems ?? []} />
      {list.error && !list.data ? (
        <div className={classes.padded}>
          <ErrorPanel error={list.error} connection={connection.id} onRetry={() => void list.refetch()} />
        </div>
      ) : !list.data ? (
        <div className={classes.loading}>
          <Loader aria-label="Reading the backups" />
        </div>
      ) : backups.length === 0 ? (
        <EmptyState
          icon={<IconArchive size={22} />}
          title={`No backup of ${connection.name} yet`}
          actions={!cannot && button}
        >
          {cannot ??
            'A backup is a copy of the whole database in files of its own tool, read back once to prove it. From it you can always go back: here, or into a new database beside it.'}
        </EmptyState>
      ) : (
        <Table
          backups={backups}
          chosen={chosen}
          active={active}
          onActive={setActive}
          handle={table}
          onOpen={(one) => show(one.id)}
          onRestore={(one) => askRestore({ connection: connection.id, backupId: one.id })}
        />
      )}
      <Details
        connection={connection}
        id={chosen}
        listed={backups.find((one) => one.id === chosen)}
        jobs={jobs}
        onClose={() => {
          show(null);
          table.current?.focus();
        }}
      />
    </Page>
  );
}

function Sum({ backups }: { backups: BackupListed[] }) {
  const bytes = backups.reduce((sum, one) => sum + one.size_bytes, 0);
  return (
    <span className="tabular">
      {plural(backups.length, 'backup')}, {formatBytes(bytes)}
    </span>
  );
}
