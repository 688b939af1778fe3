/** What is wrong with the file's form, each with its line. */
import { UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react';
import type { FileProblem } from '../../api/types.generated';
import { plural } from '../../lib/format';
import classes from './editor.module.css';

interface Props {
  problems: FileProblem[];
  dirty: boolean;
  onGo(line: number, column?: number | null): void;
}

export function Problems({ problems, dirty, onGo }: Props) {
  if (problems.length === 0) return null;
  const errors = problems.filter((one) => one.severity === 'error').length;
  const warnings = problems.length - errors;
  const counted = [errors && plural(errors, 'problem'), warnings && plural(warnings, 'warning')].filter(
    Boolean,
  );
  return (
    <section className={classes.problems} aria-label="Problems">
      <h2 className={classes.problemsTitle}>
        {counted.join(', ')}
        {dirty && <span className="faint"> in the saved file; looked at again when you save</span>}
      </h2>
      <ul>
        {problems.map((one) => (
          <li key={`${one.code} ${one.line} ${one.column}`}>
            <UnstyledButton className={classes.problem} onClick={() => onGo(one.line ?? 1, one.column)}>
              {one.severity === 'error' ? (
                <IconCircleX size={15} className={classes.error} aria-label="Problem" />
              ) : (
                <IconAlertTriangle size={15} className={classes.warning} aria-label="Warning" />
              )}
              <span className={`tabular dim ${classes.line}`}>{one.line ? `Line ${one.line}` : 'File'}</span>
              <span>{one.message}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
