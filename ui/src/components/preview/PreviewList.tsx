/** What a run would do, file by file and statement by statement, in the order it does it. */
import { type ReactNode, useState } from 'react';
import type { Finding, Migration, Preview, PreviewFile } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { FindingBody, type Mending } from '../finding/FindingBody';
import { SeverityBadge } from '../SeverityBadge';
import { DownCheckView } from './DownCheckView';
import { FileRow } from './FileRow';
import { FoldList } from './FoldList';
import classes from './preview.module.css';
import { type PreviewRow, rowsOf, type Shown } from './rows';
import { StatementRow } from './StatementRow';

interface Props {
  preview: Preview | null;
  planned: Migration[];
  shown: Shown;
  /** Stands above the files and scrolls with them. */
  notes: ReactNode;
  takesFocus: boolean;
  onOpenFile?(filename: string, line: number): void;
  mend?(finding: Finding): Mending | null;
  onLeave(): void;
}

export function PreviewList({
  preview,
  planned,
  shown,
  notes,
  takesFocus,
  onOpenFile,
  mend,
  onLeave,
}: Props) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const rows = rowsOf({ preview, planned, shown, turned, hasNotes: Boolean(notes) });
  const toggle = (key: string) =>
    setTurned((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  const isNumbered = Math.max(planned.length, preview?.files.length ?? 0) > 1;
  const draw = (row: PreviewRow, stop: Parameters<Parameters<typeof FoldList>[0]['children']>[1]) => {
    switch (row.type) {
      case 'notes':
        return <div className={classes.notes}>{notes}</div>;
      case 'file':
        return <FileRow row={row} isNumbered={isNumbered} stop={stop} onToggle={() => toggle(row.key)} />;
      case 'about':
        return <AboutFile file={row.file} mend={mend} onLeave={onLeave} />;
      case 'statement':
        return (
          <StatementRow
            statement={row.statement}
            isOpen={row.isOpen}
            stop={stop}
            onToggle={() => toggle(row.key)}
            onOpenFile={onOpenFile && ((line) => onOpenFile(row.file.filename, line))}
            mend={mend}
            onLeave={onLeave}
          />
        );
      case 'more':
        return (
          <p className={classes.more}>
            {plural(row.leftOut, 'more statement')}: counted in the sums, not shown one by one.
          </p>
        );
      case 'down':
        return (
          <DownCheckView
            down={downOf(row.file)}
            of={row.file.filename}
            isDown={row.file.direction === 'down'}
          />
        );
    }
  };
  return (
    <FoldList rows={rows} label="Migrations in the order they run" takesFocus={takesFocus}>
      {draw}
    </FoldList>
  );
}

/** A down without a statement undoes nothing, whatever there is to compare. */
const downOf = ({ direction, statements, down }: PreviewFile): PreviewFile['down'] =>
  direction === 'down' && statements.length === 0
    ? { verdict: 'missing', restores: [], lost: [], not_undone: [], unknown: [] }
    : down;

/** What is said of the file rather than of one statement. */
function AboutFile({ file, mend, onLeave }: { file: PreviewFile } & Pick<Props, 'mend' | 'onLeave'>) {
  return (
    <div className={classes.about}>
      {file.problems.map((one) => (
        <p key={`${one.code} ${one.line} ${one.message}`}>
          <SeverityBadge level={one.severity === 'error' ? 'error' : 'warning'} plain /> {one.message}
          {one.line !== null && <span className="dim"> · line {one.line}</span>}
        </p>
      ))}
      {file.findings.map((one) => (
        <section key={`${one.code} ${one.line} ${one.message}`} aria-label={one.title}>
          <p>
            <SeverityBadge level={one.severity} plain /> {one.message}
          </p>
          <FindingBody finding={one} mending={mend?.(one) ?? null} onFollow={onLeave} />
        </section>
      ))}
    </div>
  );
}
