/** Who ran it, where, when and with what. What was not recorded is said, not guessed. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { HistoryRecord } from '../../api/types.generated';
import { BackupBefore } from '../../components/backup/BackupLink';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { formatDuration, formatExact } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './history.module.css';
import { isEnvironment } from './Table';
import { CLOCKS, kindOf } from './words';

export function Facts({ record, onLeave }: { record: HistoryRecord; onLeave(): void }) {
  const measured = record.files.map((one) => one.duration_ms).filter((ms) => ms !== null);
  const inFiles = measured.length > 0 ? measured.reduce((sum, ms) => sum + ms, 0) : null;
  const facts: Array<[string, ReactNode]> = [
    ['Run', <code key="run">{record.run_id}</code>],
    ['Kind', `${kindOf(record.kind)} (${record.direction})`],
    [
      'Connection',
      <span key="connection" className={classes.inline}>
        {record.connection_exists ? (
          <Link to={paths.migrations(record.connection)}>{record.connection_name}</Link>
        ) : (
          <>{record.connection_name} (removed)</>
        )}
        {isEnvironment(record.environment) && <EnvironmentTag environment={record.environment} />}
      </span>,
    ],
    ['Engine', record.engine],
    ['Began', record.started_at && formatExact(record.started_at)],
    ['Ended', record.finished_at && formatExact(record.finished_at)],
    ...(record.clock === 'ok' ? [] : [['Clock', CLOCKS[record.clock]] as [string, ReactNode]]),
    ['Time of the run', formatDuration(record.duration_ms)],
    ['Time in the files', formatDuration(inFiles)],
    ['Author', record.author],
    ['User of the machine', record.os_user],
    ['Machine', record.host],
    ['Tool', record.tool && `${record.tool} ${record.tool_version ?? '(version unknown)'}`],
    ['DB Toolkit', record.app_version],
    ['Git commit', record.git_commit && <code key="commit">{record.git_commit}</code>],
    [
      'Backup before it',
      record.backup_id ? (
        record.connection_exists ? (
          <BackupBefore key="backup" connection={record.connection} id={record.backup_id} onLeave={onLeave} />
        ) : (
          <code key="backup">{record.backup_id}</code>
        )
      ) : (
        'None was made'
      ),
    ],
    ['Server', record.server ?? 'Not told'],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? <span className="faint">Not recorded</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
