/** What is in it (tables with rows, applied versions), what is not, its files, and the way back without this app. */
import { Tabs } from '@mantine/core';
import { useChannel } from '../../api/queries';
import type { BackupListed, Connection } from '../../api/types.generated';
import { CopyTextButton } from '../../components/CopyTextButton';
import { ErrorPanel } from '../../components/ErrorPanel';
import { formatBytes, formatCount } from '../../lib/format';
import classes from './backups.module.css';

export function Contents({ connection, backup }: { connection: Connection; backup: BackupListed }) {
  const noun = backup.engine === 'mongodb' ? 'Collections' : 'Tables';
  return (
    <Tabs defaultValue="tables" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="tables">
          {noun} <span className="faint tabular">{backup.tables.length || ''}</span>
        </Tabs.Tab>
        <Tabs.Tab value="applied">
          Applied <span className="faint tabular">{backup.applied.length || ''}</span>
        </Tabs.Tab>
        <Tabs.Tab value="files">
          Files <span className="faint tabular">{backup.files.length}</span>
        </Tabs.Tab>
        <Tabs.Tab value="hand">By hand</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="tables" className={classes.tab}>
        <Tables backup={backup} />
      </Tabs.Panel>
      <Tabs.Panel value="applied" className={classes.tab}>
        {backup.applied.length === 0 ? (
          <p className="dim">No migration was applied when it was made.</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
          <section className={classes.scroll} aria-label="Applied versions" tabIndex={0}>
            <ul className={`mono ${classes.plainList}`}>
              {[...backup.applied].reverse().map((version) => (
                <li key={version}>{version}</li>
              ))}
            </ul>
          </section>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="files" className={classes.tab}>
        <Files backup={backup} />
      </Tabs.Panel>
      <Tabs.Panel value="hand" className={classes.tab}>
        <ByHand connection={connection.id} backup={backup.id} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Tables({ backup }: { backup: BackupListed }) {
  return (
    <>
      {backup.tables.length === 0 ? (
        <p className="dim">Its rows were not counted.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <section className={classes.scroll} aria-label="What is in it" tabIndex={0}>
          <table className={classes.plainTable}>
            <thead>
              <tr>
                <th>Name</th>
                <th className={classes.number}>{backup.engine === 'mongodb' ? 'Documents' : 'Rows'}</th>
              </tr>
            </thead>
            <tbody>
              {backup.tables.map(({ table, rows }) => (
                <tr key={table}>
                  <td className="mono">{table}</td>
                  <td className={`tabular ${classes.number}`}>{formatCount(rows)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {backup.notes.length > 0 && (
        <div className={classes.not}>
          <strong>Worth knowing</strong>
          <ul>
            {backup.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Files({ backup }: { backup: BackupListed }) {
  return (
    <>
      <div className={classes.path}>
        <span className="mono">{backup.path}</span>
        <CopyTextButton text={backup.path} label="Copy the path" variant="subtle" color="gray" />
      </div>
      <ul className={classes.files}>
        {backup.files.map(({ name, size_bytes, sha256 }) => (
          <li key={name}>
            <div className={classes.fileLine}>
              <span className="mono truncate" title={name}>
                {name}
              </span>
              <span className="tabular dim">{formatBytes(size_bytes)}</span>
            </div>
            <div className={`mono faint ${classes.sha}`}>sha256 {sha256}</div>
          </li>
        ))}
      </ul>
    </>
  );
}

function ByHand({ connection, backup }: { connection: string; backup: string }) {
  const { data, error, refetch } = useChannel('backup:commands', { connection, backup_id: backup });
  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} compact />;
  if (!data) return null;
  return (
    <>
      <p className="dim">The database’s own tools restore it too, without this app:</p>
      <div className={classes.shell}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
        <pre tabIndex={0}>{data.shell}</pre>
        <CopyTextButton text={data.shell} variant="default" />
      </div>
    </>
  );
}
