/** What a rehearsal measured: the verdict with its reasons, where it ran and what was missing there, file by file. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconAdjustments, IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import type { Rehearsal } from '../../../api/types.generated';
import { formatBytes, formatDuration, plural } from '../../../lib/format';
import { CopyTextButton } from '../../CopyTextButton';
import { Badge, VerdictBadge } from '../Badges';
import { FoldList } from '../FoldList';
import { verdictWords } from '../words';
import { FileResult } from './FileResult';
import { markdownOf } from './markdown';
import classes from './rehearsal.module.css';

interface Props {
  rehearsal: Rehearsal;
  target: string;
  /** Back to how it is done. */
  onOther(): void;
}

const FILE_PX = 28;
// Four of them and a half: that there are more is seen.
const FILES_PX = 126;

export function Result({ rehearsal, target, onOther }: Props) {
  const { files, verdict } = rehearsal;
  // Where to look first: the file that decided the verdict.
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      files.findIndex((one) => one.verdict === verdict),
    ),
  );
  const file = files[at];
  const why = file?.reasons ?? [];
  return (
    <div className={classes.result}>
      <section className={classes.verdict} aria-label="Verdict" data-tone={verdictWords(verdict).tone}>
        <div className={classes.verdictHead}>
          <VerdictBadge verdict={verdict} />
          <span>{why.length === 1 ? why[0] : verdictWords(verdict).means}</span>
          <Button
            ml="auto"
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconAdjustments size={14} />}
            onClick={onOther}
          >
            In another way
          </Button>
          <CopyTextButton
            text={markdownOf(rehearsal, target)}
            label="Copy as Markdown"
            variant="subtle"
            color="gray"
            size="compact-sm"
          />
        </div>
        {rehearsal.stale && (
          <Badge
            tone="violet"
            word={`Stale: ${rehearsal.stale_reasons.join(' ') || 'something changed since.'}`}
            plain
          />
        )}
        {why.length > 1 && (
          <ul className={classes.reasons} aria-label="Why">
            {why.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        )}
        <Where rehearsal={rehearsal} />
      </section>
      {files.length > 1 && (
        <FoldList
          className={classes.files}
          height={Math.min(FILES_PX, files.length * FILE_PX + 1)}
          label="Rehearsed files"
          rows={files.map((one, index) => ({ key: one.filename, size: FILE_PX, one, index }))}
        >
          {({ one, index }, stop) => (
            <UnstyledButton
              {...stop}
              className={classes.fileButton}
              aria-current={index === at}
              onClick={() => setAt(index)}
            >
              <span className="mono truncate">{one.filename}</span>
              <span className={`tabular dim ${classes.fileTime}`}>
                {formatDuration(one.passes.find((pass) => pass.step === 'up')?.duration_ms)}
              </span>
              <span className={classes.fileVerdict}>
                <VerdictBadge verdict={one.verdict} plain />
              </span>
            </UnstyledButton>
          )}
        </FoldList>
      )}
      {file && (
        <FileResult
          key={file.filename}
          file={file}
          engine={rehearsal.engine}
          direction={rehearsal.direction}
        />
      )}
    </div>
  );
}

function Where({ rehearsal: { scratch, rows, duration_ms, problems } }: { rehearsal: Rehearsal }) {
  const copied =
    rows === 'none'
      ? `${plural(scratch.tables, 'table')} without rows`
      : `${plural(scratch.tables, 'table')} with ${plural(scratch.rows, 'row')}${rows === 'sample' ? ' (a sample)' : ''}`;
  const lines = [...problems, ...scratch.missing];
  return (
    <>
      <p className="dim">
        {scratch.label}
        {scratch.server_version && `, version ${scratch.server_version}`}: {copied}
        {scratch.bytes !== null && `, ${formatBytes(scratch.bytes)}`}. Took {formatDuration(duration_ms)}.{' '}
        {scratch.dropped
          ? 'The scratch is gone.'
          : `The scratch ${scratch.database} is still there: the server did not answer; the next start drops it.`}
        {scratch.notes.length > 0 && ` ${scratch.notes.join(' ')}`}
      </p>
      {lines.length > 0 && (
        <ul className={classes.warnings} aria-label="What was missing">
          {lines.map((one) => (
            <li key={one}>
              <IconAlertTriangle size={14} aria-hidden /> <span>{one}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
