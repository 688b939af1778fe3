/** One statement as it ran: how long, how many rows, what it held and rewrote, each with the query that told. */
import { UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconChevronRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isErrorShape } from '../../../api/invoke';
import type { Evidence, QueryPlan, RehearsedStatement } from '../../../api/types.generated';
import { formatBytes, formatCount, formatDuration, plural } from '../../../lib/format';
import { CodeView } from '../../CodeView';
import { ErrorPanel } from '../../ErrorPanel';
import { Badge, Blocks } from '../Badges';
import type { Stop } from '../FoldList';
import previewClasses from '../preview.module.css';
import { blocksText, firstLineOf, lockTone, worstLock } from '../words';
import classes from './rehearsal.module.css';

interface Props {
  statement: RehearsedStatement;
  /** The longest of the pass: what a full bar is. */
  longestMs: number;
  isOpen: boolean;
  stop: Stop;
  onToggle(): void;
}

const isScan = (plan: QueryPlan | null) => plan !== null && /COLLSCAN/.test(plan.stage);

export function Statement({ statement, longestMs, isOpen, stop, onToggle }: Props) {
  const { duration_ms: time } = statement;
  const lock = worstLock((statement.locks ?? []).filter((one) => one.new));
  return (
    <div className={previewClasses.statement} data-failed={!statement.ok || undefined}>
      <UnstyledButton {...stop} className={previewClasses.head} aria-expanded={isOpen} onClick={onToggle}>
        <IconChevronRight
          size={14}
          className={`${previewClasses.chevron} ${isOpen ? previewClasses.turned : ''}`}
          aria-hidden
        />
        {statement.line !== null && (
          <span className={`tabular faint ${previewClasses.line}`}>
            <span className="visually-hidden">Line </span>
            {statement.line}
          </span>
        )}
        <span className={previewClasses.main}>
          <span className={previewClasses.first}>
            <span className={`mono truncate ${previewClasses.what}`}>{firstLineOf(statement.text)}</span>
            <span className={classes.time}>
              <span className={classes.bar} aria-hidden>
                <span
                  style={{ width: `${longestMs > 0 ? Math.max(2, (100 * (time ?? 0)) / longestMs) : 0}%` }}
                />
              </span>
              <span className="tabular">{formatDuration(time) ?? 'not timed'}</span>
            </span>
          </span>
          <span className={previewClasses.second}>
            {!statement.ok && <Badge tone="red" word="Failed" plain />}
            {statement.rows !== null && <span className="tabular">{plural(statement.rows, 'row')}</span>}
            {lock && lock.blocks.length > 0 && (
              <Blocks tone={lockTone(lock)} text={`${lock.mode}, ${blocksText(lock)}`} />
            )}
            {(statement.rewrites ?? []).map((one) => (
              <Badge key={one.table} tone="amber" word={`Rewrites ${one.table}`} plain />
            ))}
            {statement.algorithm && <span className="mono">{statement.algorithm}</span>}
            {isScan(statement.plan) && <Badge tone="amber" word="Reads the whole collection" plain />}
            {statement.bytes_written !== null && (
              <span className="tabular">{formatBytes(statement.bytes_written)} written</span>
            )}
            {statement.warnings.length > 0 && (
              <Badge tone="amber" word={plural(statement.warnings.length, 'warning')} plain />
            )}
          </span>
        </span>
      </UnstyledButton>
      {isOpen && <Detail statement={statement} />}
    </div>
  );
}

const CODE_PX = 210;
const LINE_PX = 19;

function Detail({ statement }: { statement: RehearsedStatement }) {
  const { locks, rewrites, evidence, plan } = statement;
  const of = (...facts: Evidence['fact'][]) => evidence.filter((one) => facts.includes(one.fact));
  const lines = statement.text.split('\n').length;
  return (
    <div className={previewClasses.detail}>
      {isErrorShape(statement.error) && <ErrorPanel error={statement.error} compact />}
      <div className={previewClasses.code} style={{ height: Math.min(CODE_PX, lines * LINE_PX + 18) }}>
        <CodeView text={statement.text} firstLine={statement.line ?? 1} label="Statement as it ran" />
      </div>
      {statement.warnings.length > 0 && (
        <ul className={classes.warnings} aria-label="Warnings of the server">
          {statement.warnings.map((one) => (
            <li key={one}>
              <IconAlertTriangle size={14} aria-hidden /> <span>{one}</span>
            </li>
          ))}
        </ul>
      )}
      <dl className={previewClasses.facts}>
        <Fact name="Rows" evidence={of('rows')}>
          {statement.rows === null ? null : formatCount(statement.rows)}
        </Fact>
        <Fact name="Locks held" evidence={of('locks')}>
          {locks === null ? null : locks.length === 0 ? (
            'None'
          ) : (
            <ul className={previewClasses.locks}>
              {locks.map((one) => (
                <li key={`${one.object} ${one.mode}`}>
                  <span className="mono">{one.mode}</span> on <span className="mono">{one.object}</span>:{' '}
                  <Blocks tone={lockTone(one)} text={blocksText(one)} />
                  {!one.new && <span className="dim"> · taken by an earlier statement</span>}
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name="Rewritten" evidence={of('rewrites')}>
          {rewrites === null ? null : rewrites.length === 0 ? (
            'Nothing'
          ) : (
            <ul className={previewClasses.locks}>
              {rewrites.map((one) => (
                <li key={one.table}>
                  <span className="mono">{one.table}</span>
                  {one.detail && <span className="dim"> · {one.detail}</span>}
                </li>
              ))}
            </ul>
          )}
        </Fact>
        {(statement.bytes_written !== null || of('bytes').length > 0) && (
          <Fact name="Written" evidence={of('bytes')}>
            {statement.bytes_written === null ? null : formatBytes(statement.bytes_written)}
          </Fact>
        )}
        {(statement.algorithm || of('algorithm').length > 0) && (
          <Fact name="Algorithm" evidence={of('algorithm')}>
            {statement.algorithm && <span className="mono">{statement.algorithm}</span>}
          </Fact>
        )}
        {plan && (
          <Fact name="Plan" evidence={of('plan')}>
            <span className="mono">{plan.stage}</span>
            {plan.index && (
              <>
                {' '}
                by <span className="mono">{plan.index}</span>
              </>
            )}
            {plan.examined !== null && `, looked at ${formatCount(plan.examined)}`}
            {plan.returned !== null && ` to find ${formatCount(plan.returned)}`}
            {isScan(plan) && <span className={previewClasses.exists}> · reads the whole collection</span>}
          </Fact>
        )}
        {of('commands', 'schema', 'digest').length > 0 && (
          <Fact name="Recorded" evidence={of('commands', 'schema', 'digest')}>
            As the driver sent it
          </Fact>
        )}
      </dl>
      {statement.unknown.length > 0 && (
        <ul className={classes.unknown} aria-label="Not measured">
          {statement.unknown.map((one) => (
            <li key={one}>
              <span className="dim">Unknown:</span> {one}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A measured fact with the query that told it; unknown where nothing did. */
function Fact({ name, evidence, children }: { name: string; evidence: Evidence[]; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {children ?? <span className={previewClasses.exists}>unknown</span>}
        {evidence.length > 0 && (
          <details className={classes.evidence}>
            <summary>Measured by</summary>
            {evidence.map((one) => (
              <pre key={one.fact + one.query} className="mono">
                {one.query}
              </pre>
            ))}
          </details>
        )}
      </dd>
    </>
  );
}
