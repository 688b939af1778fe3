/** The files of a run, each with its text as it was run. */
import { Button, Loader, SegmentedControl, UnstyledButton } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { useChannel } from '../../api/queries';
import type { FileRecord, HistoryRecord } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import type { Dialect } from '../../editor/languages';
import { CodeEditor } from '../../editor/lazy';
import { formatDuration, plural } from '../../lib/format';
import classes from './history.module.css';

interface Props {
  record: HistoryRecord;
  onStory(connection: string, version: string): void;
}

export function FilesAsRun({ record, onStory }: Props) {
  const begin = record.files.findIndex((one) => one.error);
  const [at, setAt] = useState(Math.max(0, begin));
  const file = record.files[at];
  if (!file) return <p className={classes.quiet}>No file belongs to this run.</p>;
  return (
    <div className={classes.asRun}>
      {record.files.length > 1 && (
        <ul className={classes.fileList} aria-label="Files of the run">
          {record.files.map((one, index) => (
            <li key={one.filename}>
              <UnstyledButton
                className={classes.fileButton}
                aria-current={index === at ? 'true' : undefined}
                onClick={() => setAt(index)}
              >
                <OutcomeBadge outcome={one.status} plain />
                <span className="truncate" title={one.filename}>
                  {one.filename}
                </span>
                <span className="tabular dim">{formatDuration(one.duration_ms) ?? '–'}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      <One key={file.filename} record={record} file={file} onStory={onStory} />
    </div>
  );
}

function One({ record, file, onStory }: Props & { file: FileRecord }) {
  const [part, setPart] = useState<'ran' | 'whole'>('ran');
  const { data, error } = useChannel(
    'history:content',
    { run_id: record.run_id, version: file.filename },
    { enabled: file.content_left_out },
  );
  const { content, ran, ran_line } = file.content_left_out ? (data ?? file) : file;
  const waits = file.content_left_out && !data && !error;
  const text = part === 'ran' && ran !== null ? ran : content;
  return (
    <section className={classes.one} aria-label={file.filename}>
      <div className={classes.oneHead}>
        {record.files.length === 1 && <OutcomeBadge outcome={file.status} plain />}
        <span className={`truncate mono ${classes.grow}`} title={file.filename}>
          {file.filename}
        </span>
        {record.files.length === 1 && (
          <span className="tabular dim">{formatDuration(file.duration_ms) ?? '–'}</span>
        )}
        {ran !== null && (
          <SegmentedControl
            aria-label="Which part"
            value={part}
            onChange={(value) => setPart(value as typeof part)}
            data={[
              { value: 'ran', label: file.direction === 'up' ? 'Up, as it ran' : 'Down, as it ran' },
              { value: 'whole', label: 'Whole file' },
            ]}
          />
        )}
        {record.connection_exists && (
          <Button
            variant="default"
            leftSection={<IconHistory size={14} />}
            onClick={() => onStory(record.connection, file.filename)}
          >
            History of this file
          </Button>
        )}
      </div>
      <Server file={file} />
      {error && <ErrorPanel error={error} compact />}
      {waits && <Loader aria-label="Reading the text" />}
      {text !== null && !waits && (
        <div className={classes.code}>
          <CodeEditor
            key={part}
            value={text.replace(/^\r?\n/, '')}
            onChange={() => undefined}
            readOnly
            readOnlyMessage="This is what ran; it cannot be changed."
            language={file.language === 'javascript' ? 'javascript' : 'sql'}
            dialect={record.engine as Dialect}
            label={part === 'ran' ? 'As it ran' : 'The whole file as it ran'}
            firstLine={part === 'ran' && ran_line !== null ? ran_line + 1 : 1}
          />
        </div>
      )}
      {text === null && !waits && !error && <p className={classes.quiet}>The text that ran was not kept.</p>}
    </section>
  );
}

interface Told {
  states?: Array<{ state: string; looks: number }>;
  blockers?: Array<{ by: string; object: string | null; waited_ms: number }>;
  rows?: Record<string, number>;
}

/** What the server was seen doing for the file, where it told. */
function Server({ file }: { file: FileRecord }) {
  const told = (file.server ?? {}) as Told;
  const said = [
    file.waited_ms ? `Seen waiting ${formatDuration(file.waited_ms)} for locks` : null,
    ...(told.blockers ?? []).map(
      ({ by, object, waited_ms }) =>
        `held by ${by}${object ? ` on ${object}` : ''}, ${formatDuration(waited_ms)}`,
    ),
    ...Object.entries(told.rows ?? {}).map(([table, rows]) => `${table} about ${plural(rows, 'row')}`),
  ].filter(Boolean);
  if (said.length === 0) return null;
  return <p className={classes.server}>{said.join(' · ')}</p>;
}
