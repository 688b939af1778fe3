/** Values of `${names}` the files ask for. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Conversion } from '../../api/types.generated';
import classes from './convert.module.css';

const ASKED = /The placeholder \$\{([^}]+)\} (?:has no value|was filled in)/;

/** The names, each once. */
export const placeholdersOf = (look: Conversion): string[] => [
  ...new Set(
    look.files
      .flatMap((one) => [...one.problems, ...one.notes])
      .map((note) => ASKED.exec(note.message)?.[1])
      .filter((name) => name !== undefined),
  ),
];

interface Props {
  names: string[];
  values: Record<string, string>;
  onChange(values: Record<string, string>): void;
}

export function Placeholders({ names, values, onChange }: Props) {
  const [typed, setTyped] = useState<Record<string, string>>(values);
  if (names.length === 0) return null;
  const commit = (name: string) => {
    const value = typed[name];
    if (value !== undefined && value !== values[name]) onChange({ ...values, [name]: value });
  };
  return (
    <div className={classes.foot}>
      {names.map((name) => (
        <TextInput
          key={name}
          label={`\${${name}}`}
          value={typed[name] ?? ''}
          onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
          onBlur={() => commit(name)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            commit(name);
          }}
          spellCheck={false}
          autoComplete="off"
        />
      ))}
    </div>
  );
}
