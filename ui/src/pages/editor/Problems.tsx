/** Everything said of the file, the worst first: each leads to its line, and the chosen one says what to do. */
import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { SeverityBadge, UnknownBadge } from '../../components/SeverityBadge';
import type { Diagnostic } from '../../editor/diagnostics';
import { plural } from '../../lib/format';
import { ProblemDetail } from './ProblemDetail';
import classes from './problems.module.css';
import type { Chosen } from './useChosen';
import type { Diagnostics } from './useDiagnostics';
import type { Fixes } from './useFixes';

interface Props {
  /** The finding whose details are shown. */
  chosen: Chosen;
  found: Diagnostics;
  fixes: Fixes;
  readOnly: boolean;
  onGo(line: number, column?: number | null): void;
  onClose(): void;
}

// A file with thousands of them says enough with these; the filter reaches the others.
const SHOWN = 300;
const FILTER_FROM = 6;

export function Problems({ chosen, found, fixes, readOnly, onGo, onClose }: Props) {
  const [filter, setFilter] = useState('');
  const rows = useRef<HTMLUListElement>(null);
  // F8 chooses from within the text: the row comes into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is the chosen one.
  useEffect(() => {
    rows.current?.querySelector('[aria-current="true"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [chosen.id]);
  const { list, report } = found;
  const wanted = filter.trim().toLowerCase();
  const shown = list.filter((one) => !wanted || textOf(one).includes(wanted));
  const detail = list.find((one) => one.id === chosen.id) ?? null;
  const suppressed = report?.suppressed ?? [];
  const unparsed = report?.unparsed ?? 0;

  const step = (event: KeyboardEvent) => {
    const buttons = [...(rows.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const to = buttons[target];
    to?.focus();
    if (to?.dataset.id) chosen.choose(to.dataset.id);
  };

  return (
    <section className={classes.problems} aria-label="Problems">
      <header className={classes.head}>
        <h2>{titleOf(found)}</h2>
        <span className="faint truncate" role="status">
          {found.error
            ? `It could not be looked at: ${found.error.message}`
            : found.isCurrent
              ? [
                  unparsed > 0 && `${plural(unparsed, 'statement')} not understood: the risk is unknown`,
                  ...found.notes,
                ]
                  .filter(Boolean)
                  .join(' · ')
              : 'Looking…'}
        </span>
        {(list.length >= FILTER_FROM || filter !== '') && (
          <TextInput
            className={classes.filter}
            aria-label="Filter findings"
            placeholder="Filter"
            leftSection={<IconFilter size={14} aria-hidden />}
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            spellCheck={false}
          />
        )}
        <Tooltip label="Hide (Ctrl+Shift+M)">
          <ActionIcon size={24} aria-label="Hide the findings" onClick={onClose}>
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      </header>
      {(list.length > 0 || suppressed.length > 0) && (
        <div className={classes.columns}>
          <div className={classes.rows}>
            <ul ref={rows} onKeyDown={step} aria-label="Findings">
              {shown.slice(0, SHOWN).map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    data-id={one.id}
                    className={classes.row}
                    aria-current={one.id === chosen.id ? 'true' : undefined}
                    title={one.message}
                    onClick={() => {
                      chosen.choose(one.id);
                      onGo(one.line ?? 1, one.column);
                    }}
                  >
                    <span className={classes.level}>
                      <SeverityBadge level={one.level} plain />
                    </span>{' '}
                    <span className={`tabular dim ${classes.line}`}>
                      {one.line ? `Line ${one.line}` : 'File'}
                    </span>{' '}
                    <span className="truncate">{one.message}</span>
                    {one.finding?.unknown && <UnknownBadge />}
                    <span className={`mono faint ${classes.code}`}>{one.code}</span>
                  </button>
                </li>
              ))}
              {shown.length > SHOWN && (
                <li className={classes.more}>and {shown.length - SHOWN} more: filter to see them</li>
              )}
              {shown.length === 0 && wanted && <li className={classes.more}>None of these words.</li>}
            </ul>
            {suppressed.length > 0 && (
              <details className={classes.suppressed}>
                <summary>{plural(suppressed.length, 'finding')} switched off in the file</summary>
                <ul>
                  {suppressed.map((one) => (
                    <li key={`${one.finding.code} ${one.line} ${one.finding.line}`}>
                      <button type="button" onClick={() => onGo(one.line)}>
                        <span className="tabular dim">Line {one.line}</span>{' '}
                        <span className="mono">{one.finding.code}</span>: {one.reason}
                      </button>
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </div>
          {detail && (
            <ProblemDetail
              key={`${chosen.turn} ${detail.code}`}
              diagnostic={detail}
              fixes={fixes}
              readOnly={readOnly}
              onClose={() => chosen.choose(null)}
            />
          )}
        </div>
      )}
    </section>
  );
}

/** Nothing found is only claimed of a text that was looked at. */
function titleOf({ list, report, error }: Diagnostics): string {
  if (list.length > 0) return plural(list.length, 'finding');
  return report && !error ? 'Nothing found' : 'Findings';
}

const textOf = (one: Diagnostic) =>
  `${one.level} ${one.code} ${one.message} ${one.finding?.title ?? ''} ${one.finding?.direction ?? ''} line ${one.line}`.toLowerCase();
