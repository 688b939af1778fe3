/** The full record of one run: each file as it ran, output, error, and who, where and with what. */
import { Drawer, Loader, Tabs } from '@mantine/core';
import { useState } from 'react';
import { isErrorShape } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import type { HistoryRecord } from '../../api/types.generated';
import { RestoreButton } from '../../components/backup/BackupLink';
import { RollbackCheckView } from '../../components/backup/RollbackCheckView';
import { CodeView } from '../../components/CodeView';
import { CopyTextButton } from '../../components/CopyTextButton';
import { ErrorPanel } from '../../components/ErrorPanel';
import { WaysOutButton } from '../../components/failure/WaysOutButton';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { Facts } from './Facts';
import { FilesAsRun } from './FilesAsRun';
import classes from './history.module.css';
import { countsOf, whatOf } from './words';

interface Props {
  runId: string | null;
  onClose(): void;
  onStory(connection: string, version: string): void;
}

export function RecordDrawer({ runId, onClose, onStory }: Props) {
  const { data, error, refetch } = useChannel(
    'history:get',
    { run_id: runId ?? '' },
    { enabled: runId !== null },
  );
  const record = runId === null ? undefined : data;
  return (
    <Drawer
      opened={runId !== null}
      onClose={onClose}
      position="right"
      size="min(860px, 92vw)"
      title={record ? <Title record={record} /> : 'A run'}
      closeButtonProps={{ 'aria-label': 'Close the record' }}
      classNames={{ content: classes.drawer, body: classes.drawerBody, header: classes.drawerHeader }}
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!record && !error && <Loader aria-label="Reading the record" />}
      {record && <Record key={record.run_id} record={record} onStory={onStory} onLeave={onClose} />}
    </Drawer>
  );
}

function Title({ record }: { record: HistoryRecord }) {
  return (
    <span className={classes.drawerTitle}>
      {whatOf(record)} on {record.connection_name} <OutcomeBadge outcome={record.state} />
    </span>
  );
}

interface RecordProps {
  record: HistoryRecord;
  onStory: Props['onStory'];
  /** To where another dialog or page takes over. */
  onLeave(): void;
}

function Record({ record, onStory, onLeave }: RecordProps) {
  const failed = record.files.find((one) => one.error)?.error ?? record.error;
  const [tab, setTab] = useState<string | null>(isErrorShape(failed) ? 'error' : 'files');
  return (
    <Tabs value={tab} onChange={setTab} className={classes.tabs} keepMounted={false}>
      <div className={classes.tabsHead}>
        <Tabs.List>
          {isErrorShape(failed) && <Tabs.Tab value="error">Error</Tabs.Tab>}
          <Tabs.Tab value="files">Files as run</Tabs.Tab>
          <Tabs.Tab value="output">Output</Tabs.Tab>
          <Tabs.Tab value="facts">Facts</Tabs.Tab>
        </Tabs.List>
        <span className={classes.tabsNote}>{countsOf(record.counts)}</span>
        <Copy record={record} />
      </div>
      {isErrorShape(failed) && (
        <Tabs.Panel value="error" className={classes.scrollPanel}>
          <ErrorPanel
            error={failed}
            connection={record.connection_exists ? record.connection : undefined}
            actions={record.connection_exists && <WaysOn record={record} onLeave={onLeave} />}
          />
          <Landed record={record} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="files" className={classes.panel}>
        <FilesAsRun record={record} onStory={onStory} />
      </Tabs.Panel>
      <Tabs.Panel value="output" className={classes.panel}>
        {record.output.trim() ? (
          <CodeView text={record.output} label="Output of the tool" />
        ) : (
          <p className={classes.quiet}>The tool said nothing.</p>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="facts" className={classes.scrollPanel}>
        {record.rollback_check && <RollbackCheckView check={record.rollback_check} />}
        <Facts record={record} onLeave={onLeave} />
      </Tabs.Panel>
    </Tabs>
  );
}

/** From a failure: the ways out of it, and the backup from before it. */
function WaysOn({ record, onLeave }: { record: HistoryRecord; onLeave(): void }) {
  const failed = record.files.find((one) => one.error);
  return (
    <>
      {failed && <WaysOutButton connection={record.connection} version={failed.filename} onAsk={onLeave} />}
      {record.backup_id && (
        <RestoreButton
          connection={record.connection}
          id={record.backup_id}
          label="Restore the backup from before this run…"
          onAsk={onLeave}
        />
      )}
    </>
  );
}

/** What a failure left behind, where the engine does not roll back. */
function Landed({ record }: { record: HistoryRecord }) {
  const partial = record.files.filter((one) => one.landed.length > 0);
  return partial.map((one) => (
    <section key={one.filename} className={classes.landed} aria-label={`What stayed of ${one.filename}`}>
      <h3>What stayed of {one.filename}</h3>
      <ul className="mono">
        {one.landed.map((what) => (
          <li key={what}>{what}</li>
        ))}
      </ul>
    </section>
  ));
}

function Copy({ record }: { record: HistoryRecord }) {
  return (
    <CopyTextButton
      text={JSON.stringify(record, null, 2)}
      label="Copy the record"
      variant="subtle"
      color="gray"
    />
  );
}
