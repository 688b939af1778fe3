/** After the down was generated: what it could not undo, and why. It leads to the statement and goes when dismissed. */
import { ActionIcon } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle, IconX } from '@tabler/icons-react';
import type { GeneratedDown } from '../../api/types.generated';
import { plural } from '../../lib/format';
import classes from './editor.module.css';

interface Props {
  made: GeneratedDown;
  /** The up runs in a transaction as the switch stands. */
  transaction: boolean;
  /** Where up begins in the file: lines are shown as the editor shows them. */
  firstLine: number;
  onGo(line: number): void;
  onDismiss(): void;
}

const SHOWN = 5;

export function DownNote({ made, transaction, firstLine, onGo, onDismiss }: Props) {
  const lost = made.steps.filter((one) => !one.undone);
  const noted = made.steps.filter((one) => one.undone && one.note);
  const outside = transaction && !made.transaction;
  if (lost.length === 0 && noted.length === 0 && !outside && !made.schema_problem) return null;
  const Icon = lost.length > 0 ? IconAlertTriangle : IconInfoCircle;
  const told = [...lost, ...noted];
  return (
    <div className={`${classes.downNote} ${lost.length > 0 ? classes.amber : classes.blue}`} role="status">
      <Icon size={15} aria-hidden />
      <div>
        <p>
          {lost.length > 0
            ? `${lost.length} of ${plural(made.steps.length, 'statement')} cannot be undone.`
            : 'Generated: please read it.'}
          {outside && ' It must run outside of a transaction.'}
          {made.schema_problem && ` The database was not looked at: ${made.schema_problem}`}
        </p>
        {told.length > 0 && (
          <ul>
            {told.slice(0, SHOWN).map((one) => (
              <li key={`${one.line} ${one.up}`}>
                <button type="button" onClick={() => onGo(one.line)}>
                  Line {one.line + firstLine - 1}
                </button>{' '}
                {one.note || 'What it changed cannot be told from the text.'}
              </li>
            ))}
            {told.length > SHOWN && <li className="dim">and {told.length - SHOWN} more</li>}
          </ul>
        )}
      </div>
      <ActionIcon size={22} aria-label="Dismiss" onClick={onDismiss}>
        <IconX size={13} />
      </ActionIcon>
    </div>
  );
}
