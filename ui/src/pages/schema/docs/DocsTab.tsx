/** The schema as a document: looked at here, taken along as HTML or Markdown. */
import { Loader, SegmentedControl, useComputedColorScheme } from '@mantine/core';
import { useMemo, useState } from 'react';
import { invoke } from '../../../api/invoke';
import { useChannel } from '../../../api/queries';
import type { Connection } from '../../../api/types.generated';
import { CodeView } from '../../../components/CodeView';
import { EmptyState } from '../../../components/EmptyState';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { type ExportFormat, ExportMenu } from '../../../components/export/ExportMenu';
import { formatBytes, plural } from '../../../lib/format';
import classes from './docs.module.css';

const FORMATS: ExportFormat[] = [
  { id: 'html', label: 'HTML', suffix: 'html', type: 'text/html' },
  { id: 'markdown', label: 'Markdown', suffix: 'md', type: 'text/markdown' },
];
type Format = 'html' | 'markdown';

/**
 * The document in the app's colours, without its script: the frame lets none run. In a frame made of text `#there` leads
 * to the app's own address, so the links say that they mean this document. Text from the database is escaped and can look
 * like neither.
 */
const previewOf = (text: string, scheme: string) =>
  text
    .slice(0, text.lastIndexOf('<script>'))
    .replace('<html', `<html data-theme="${scheme}"`)
    .replaceAll('href="#', 'href="about:srcdoc#');

export default function DocsTab({ connection }: { connection: Connection }) {
  const [format, setFormat] = useState<Format>('html');
  const { data, error, isPending, refetch } = useChannel('schema:docs', {
    connection: connection.id,
    format,
  });
  const scheme = useComputedColorScheme();
  const page = useMemo(
    () => (format === 'html' && data?.text ? previewOf(data.text, scheme) : ''),
    [data, format, scheme],
  );
  const write = (as: string, path: string | null, overwrite: boolean) =>
    invoke('schema:docs', { connection: connection.id, format: as as Format, path, overwrite });

  if (error?.code === 'not_supported') {
    return <EmptyState title="No documentation here">{error.message}</EmptyState>;
  }
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        <SegmentedControl
          aria-label="Format of the preview"
          data={[
            { value: 'html', label: 'HTML' },
            { value: 'markdown', label: 'Markdown' },
          ]}
          value={format}
          onChange={(value) => setFormat(value as Format)}
        />
        {data && (
          <span className="dim">
            {plural(data.tables, connection.engine === 'mongodb' ? 'collection' : 'table')},{' '}
            {formatBytes(data.size_bytes)}
          </span>
        )}
        <span className={classes.right}>
          <ExportMenu name={`${connection.id}-schema`} formats={FORMATS} write={write} />
        </span>
      </div>
      {error ? (
        <div className={classes.pad}>
          <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />
        </div>
      ) : isPending ? (
        <div className={classes.waiting}>
          <Loader aria-label="Writing the document" />
        </div>
      ) : format === 'html' ? (
        // No scripts, no forms, an origin of its own: what stands in the database is only shown.
        <iframe className={classes.page} title="Documentation" sandbox="" srcDoc={page} />
      ) : (
        <CodeView text={data.text ?? ''} label="Documentation as Markdown" />
      )}
    </div>
  );
}
