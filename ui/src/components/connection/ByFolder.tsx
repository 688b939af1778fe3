/** A new connection by opening a folder: what it holds is shown before it is taken, and nothing in it is moved. */
import { Button, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconFolderSearch, IconInfoCircle } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useAction } from '../../api/actions';
import { useChannel } from '../../api/queries';
import type { Connection, FolderReport } from '../../api/types.generated';
import { ENGINE_LABELS } from '../../lib/engines';
import { plural } from '../../lib/format';
import { ErrorPanel } from '../ErrorPanel';
import { COMMON, CommonFields, type CommonValues } from './CommonFields';
import classes from './connection.module.css';
import { FolderBrowser } from './FolderBrowser';

interface Props {
  onDone(connection: Connection): void;
  onCancel(): void;
}

export function ByFolder({ onDone, onCancel }: Props) {
  const [path, setPath] = useState<string | null>(null);
  const report = useChannel('connection:inspect-folder', { path: path ?? '' }, { enabled: path !== null });
  const found = report.data && report.data.files > 0;
  return (
    <div className={classes.stack}>
      <FolderBrowser path={path} onPath={setPath} />
      {report.error && <ErrorPanel error={report.error} compact />}
      {!path && (
        <div className={classes.note}>
          <IconFolderSearch size={16} aria-hidden /> Choose a project that dbmate or migrate-mongo already
          uses. It stays where it is.
        </div>
      )}
      {report.data && <Report report={report.data} />}
      {report.data && found ? (
        <Adopt key={report.data.path} report={report.data} onDone={onDone} onCancel={onCancel} />
      ) : (
        <div className={classes.foot}>
          <span />
          <Button variant="subtle" color="gray" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      )}
    </div>
  );
}

function Report({ report }: { report: FolderReport }) {
  const engine = report.engine && ENGINE_LABELS[report.engine];
  return (
    <div className={classes.result} role="status">
      {report.files > 0 ? (
        <div className={classes.ok}>
          <IconCircleCheck size={16} aria-hidden />
          {plural(report.files, 'migration')} {report.tool && `for ${report.tool}`} {engine && `on ${engine}`}
        </div>
      ) : (
        !report.other_tool && (
          <div className={classes.note}>No migrations in this folder. Go on to the folder that has them.</div>
        )
      )}
      <dl className={classes.parts}>
        {report.migrations_dirs.map((folder) => (
          <div key={folder} style={{ display: 'contents' }}>
            <dt>Migrations</dt>
            <dd className="mono">{folder}</dd>
          </div>
        ))}
        {report.url && (
          <>
            <dt>URL</dt>
            <dd className="mono">
              {report.url} {report.url_source && <span className="faint">from {report.url_source}</span>}
            </dd>
          </>
        )}
      </dl>
      {report.other_tool && (
        <div className={`${classes.note} ${classes.warn}`}>
          <IconInfoCircle size={16} aria-hidden />
          <span>
            The migrations in <span className="mono">{report.other_folder}</span> are {report.other_tool}'s.
            Make a connection to their database by form or URL; then New migration, From another tool, takes
            them over.
          </span>
        </div>
      )}
      {report.program && (
        <div className={classes.note}>
          <IconInfoCircle size={16} aria-hidden /> <span className="mono">{report.program}</span> is a
          program. Open only folders you trust: from then on it runs, as migrate-mongo runs it.
        </div>
      )}
      {report.warnings.map((warning) => (
        <div key={warning} className={`${classes.note} ${classes.warn}`}>
          <IconAlertTriangle size={16} aria-hidden /> {warning}
        </div>
      ))}
    </div>
  );
}

interface AdoptProps extends Props {
  report: FolderReport;
}

function Adopt({ report, onDone, onCancel }: AdoptProps) {
  const [common, setCommon] = useState<CommonValues>({ ...COMMON, name: report.suggested_name });
  const [url, setUrl] = useState('');
  const adopt = useAction('connection:adopt', { quiet: true, onSuccess: onDone });
  const isComplete = common.name.trim() !== '' && (report.url !== null || url.trim() !== '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isComplete) adopt.mutate({ ...common, path: report.path, url: report.url ? null : url.trim() });
  };
  return (
    <form onSubmit={submit} className={classes.stack}>
      {!report.url && (
        <TextInput
          label="URL"
          required
          classNames={{ input: 'mono' }}
          description="The folder names none."
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
      )}
      <CommonFields values={common} onChange={setCommon} />
      {adopt.error && <ErrorPanel error={adopt.error} compact />}
      <div className={classes.foot}>
        <span />
        <div>
          <Button variant="subtle" color="gray" mr={8} onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isComplete} loading={adopt.isPending}>
            Use this folder as {common.name.trim() || '…'}
          </Button>
        </div>
      </div>
    </form>
  );
}
