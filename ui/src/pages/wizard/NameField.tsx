/** What the migration is called, and the file that makes. */
import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Connection } from '../../api/types.generated';
import { shortPath } from '../../lib/format';
import { fileNameOf } from './state';
import classes from './wizard.module.css';

interface Props {
  connection: Connection;
  value: string;
  onChange(value: string): void;
  label?: string;
  description: ReactNode;
  placeholder?: string;
  /** The name taken where nothing is typed. */
  instead?: string;
  error?: string | null;
  autoFocus?: boolean;
}

export function NameField({
  connection,
  value,
  onChange,
  label = 'What does it do?',
  description,
  placeholder,
  instead = '',
  error,
  autoFocus,
}: Props) {
  const name = value.trim() || instead;
  return (
    <div>
      <TextInput
        id="wizard-name"
        label={label}
        description={description}
        placeholder={placeholder ?? 'create users'}
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        autoFocus={autoFocus}
        data-autofocus={autoFocus}
      />
      <p className={classes.file} aria-live="polite">
        {name ? (
          <>
            <span className="mono">{fileNameOf(name, connection.engine === 'mongodb')}</span> in{' '}
            <span className="mono">{shortPath(connection.migrations_dir)}</span>
          </>
        ) : (
          <span className="faint">The file is made in {shortPath(connection.migrations_dir)}.</span>
        )}
      </p>
    </div>
  );
}
