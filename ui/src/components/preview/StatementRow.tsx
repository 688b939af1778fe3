/** One statement: what it does, how bad, what it blocks, how long; opened, everything that is known of it. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconExternalLink } from '@tabler/icons-react';
import type { Finding, PreviewStatement } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { CodeView } from '../CodeView';
import { FindingBody, type Mending } from '../finding/FindingBody';
import { SeverityBadge, UnknownBadge } from '../SeverityBadge';
import { Badge, Blocks, Objects } from './Badges';
import type { Stop } from './FoldList';
import classes from './preview.module.css';
import { basisText, blocksText, estimateText, lockTone, rowsText, worstLock } from './words';

interface Props {
  statement: PreviewStatement;
  isOpen: boolean;
  stop: Stop;
  onToggle(): void;
  /** To its line in the editor; absent where there is no file to open. */
  onOpenFile?(line: number): void;
  mend?(finding: Finding): Mending | null;
  /** The panel gets out of the way. */
  onLeave(): void;
}

export function StatementRow({ statement, isOpen, stop, onToggle, ...rest }: Props) {
  const lock = worstLock(statement.locks);
  const time = estimateText(statement.estimate);
  return (
    <div className={classes.statement} data-risk={statement.risk ?? undefined}>
      <UnstyledButton {...stop} className={classes.head} aria-expanded={isOpen} onClick={onToggle}>
        <IconChevronRight
          size={14}
          className={`${classes.chevron} ${isOpen ? classes.turned : ''}`}
          aria-hidden
        />
        <span className={`tabular faint ${classes.line}`}>
          <span className="visually-hidden">Line </span>
          {statement.line}
        </span>
        <span className={classes.main}>
          <span className={classes.first}>
            <span className={classes.what}>{statement.summary || statement.kind}</span>
            <span className={classes.right}>
              {!statement.understood && <Badge tone="violet" word="Not understood" plain />}
              {statement.risk && <SeverityBadge level={statement.risk} plain />}
            </span>
          </span>
          <span className={classes.second}>
            <span className="mono">{statement.kind}</span>
            {statement.statements > 1 && (
              <span className="tabular">{plural(statement.statements, 'statement')}</span>
            )}
            {lock && lock.blocks.length > 0 && <Blocks tone={lockTone(lock)} text={blocksText(lock)} />}
            {statement.rows && <span className="tabular">{rowsText(statement.rows)}</span>}
            {time && <span className="tabular">{time}</span>}
          </span>
        </span>
      </UnstyledButton>
      {isOpen && <Detail statement={statement} {...rest} />}
    </div>
  );
}

// About ten lines; more of them scroll.
const CODE_PX = 210;
const LINE_PX = 19;

function Detail({
  statement,
  onOpenFile,
  mend,
  onLeave,
}: Pick<Props, 'statement' | 'onOpenFile' | 'mend' | 'onLeave'>) {
  const lines = statement.text.split('\n').length;
  return (
    <div className={classes.detail}>
      <div className={classes.code} style={{ height: Math.min(CODE_PX, lines * LINE_PX + 18) }}>
        <CodeView
          text={statement.text}
          firstLine={statement.line}
          label={`Statement at line ${statement.line}`}
        />
      </div>
      {!statement.understood && (
        <p className={classes.plain}>
          The parser did not understand this statement, so nothing here speaks of what it does. A rehearsal
          shows it.
        </p>
      )}
      <Objects objects={statement.objects} />
      {statement.findings.map((finding) => (
        <section
          key={`${finding.code} ${finding.line} ${finding.column} ${finding.message}`}
          className={classes.finding}
          aria-label={finding.title}
        >
          <p className={classes.findingHead}>
            <SeverityBadge level={finding.severity} plain /> <strong>{finding.title}</strong>
            {finding.unknown && <UnknownBadge />}
          </p>
          <p>{finding.message}</p>
          <FindingBody finding={finding} mending={mend?.(finding) ?? null} onFollow={onLeave} />
        </section>
      ))}
      <Facts statement={statement} />
      {onOpenFile && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconExternalLink size={14} />}
          onClick={() => onOpenFile(statement.line)}
        >
          Open at line {statement.line}
        </Button>
      )}
    </div>
  );
}

function Facts({ statement }: { statement: PreviewStatement }) {
  const { locks, rows, estimate } = statement;
  return (
    <dl className={classes.facts}>
      <dt>Time</dt>
      <dd>
        {estimateText(estimate) ?? 'Not known'}
        {estimate.basis && <span className="dim"> · {basisText(estimate)}</span>}
      </dd>
      {rows && (
        <>
          <dt>Rows</dt>
          <dd>
            {rowsText(rows)}
            {rows.reason && <span className="dim"> · {rows.reason}</span>}
            {rows.query && <code className={`mono ${classes.query}`}>{rows.query}</code>}
          </dd>
        </>
      )}
      {(locks.length > 0 || statement.locks_unknown) && (
        <>
          <dt>Locks expected</dt>
          <dd>
            <ul className={classes.locks}>
              {locks.map((one) => (
                <li key={`${one.object} ${one.mode} ${one.held}`}>
                  <span className="mono">{one.mode}</span> on <span className="mono">{one.object}</span>:{' '}
                  <Blocks tone={lockTone(one)} text={blocksText(one)} />
                  {one.held && ` ${one.held}`}
                  {one.because && <span className="dim"> · {one.because}</span>}
                </li>
              ))}
              {statement.locks_unknown && (
                <li>
                  <span className={classes.exists}>unknown</span>
                  <span className="dim"> · {statement.locks_unknown}</span>
                </li>
              )}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}
