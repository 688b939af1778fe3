/** One file of a preview: its place in the order, how bad and how long, and what the last rehearsal said of it. */
import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import type { PreviewFile, RehearsalNote } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { FlagBadge } from '../FlagBadge';
import { RelativeTime } from '../RelativeTime';
import { SeverityBadge, worstOf } from '../SeverityBadge';
import { StatusBadge } from '../StatusBadge';
import { Badge, VerdictBadge } from './Badges';
import type { Stop } from './FoldList';
import classes from './preview.module.css';
import { countStatements, type PreviewRow } from './rows';
import { estimateText } from './words';

interface Props {
  row: Extract<PreviewRow, { type: 'file' }>;
  /** Of several: else it stands alone and needs no number. */
  isNumbered: boolean;
  stop: Stop;
  onToggle(): void;
}

export function FileRow({ row, isNumbered, stop, onToggle }: Props) {
  const { file, migration, filename, at, isOpen } = row;
  const worst = file && riskOf(file);
  const time = file && file.statements.length > 0 && estimateText(file.estimate);
  const inside = (
    <>
      {file && (
        <IconChevronRight
          size={14}
          className={`${classes.chevron} ${isOpen ? classes.turned : ''}`}
          aria-hidden
        />
      )}
      {isNumbered && <span className={`${classes.number} tabular`}>{at + 1}</span>}
      <h3 className={`mono truncate ${classes.filename}`} title={filename}>
        {filename || 'Not saved yet'}
      </h3>
      {migration?.status === 'failed' && <StatusBadge status="failed" plain />}
      {migration?.flags.map((flag) => (
        <FlagBadge key={flag} flag={flag} />
      ))}
      {file && (
        <span className={`${classes.right} dim`}>
          {file.transaction === false && <span>outside a transaction</span>}
          <span className="tabular">{plural(countStatements(file), 'statement')}</span>
          {time && <span className="tabular">{time}</span>}
          {worst && <SeverityBadge level={worst} plain />}
        </span>
      )}
    </>
  );
  return (
    <div className={classes.file}>
      {file ? (
        <UnstyledButton {...stop} className={classes.fileHead} aria-expanded={isOpen} onClick={onToggle}>
          {inside}
        </UnstyledButton>
      ) : (
        <div className={classes.fileHead}>{inside}</div>
      )}
      {file?.rehearsal && <LastRehearsal note={file.rehearsal} />}
    </div>
  );
}

export function LastRehearsal({ note }: { note: RehearsalNote }) {
  return (
    <p className={classes.rehearsed}>
      <span className="dim">Rehearsed</span> <RelativeTime at={note.finished_at} />
      <VerdictBadge verdict={note.verdict} plain />
      {note.stale && (
        <Badge
          tone="violet"
          word={note.stale_reasons.length > 0 ? `Stale: ${note.stale_reasons.join(' ')}` : 'Stale'}
          plain
        />
      )}
      {!note.stale && note.reasons[0] && <span className="dim truncate">{note.reasons[0]}</span>}
    </p>
  );
}

const riskOf = (file: PreviewFile) =>
  worstOf([
    ...file.findings.map((one) => one.severity),
    ...file.statements.flatMap((one) => (one.risk ? [one.risk] : [])),
  ]);
