/** The field that wants the connection's name before something that cannot be taken back. */
import { TextInput } from '@mantine/core';
import type { Ref } from 'react';
import classes from './RunSheet.module.css';

interface Props {
  name: string;
  value: string;
  onChange(value: string): void;
  inputRef: Ref<HTMLInputElement>;
}

export const TypeName = ({ name, value, onChange, inputRef }: Props) => (
  <TextInput
    label={
      <>
        Type <code className={classes.word}>{name}</code> to go on
      </>
    }
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
    autoComplete="off"
    spellCheck={false}
    ref={inputRef}
  />
);
