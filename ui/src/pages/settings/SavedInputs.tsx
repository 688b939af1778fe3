/** Text and number fields that save when they are left, or on Enter; not at every key. */
import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';

interface TextProps {
  label: string;
  value: string | null;
  placeholder?: string;
  onSave(value: string | null): void;
}

export function SavedText({ label, value, placeholder, onSave }: TextProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const save = () => {
    if (typed !== null && typed.trim() !== (value ?? '')) onSave(typed.trim() || null);
    setTyped(null);
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      w={220}
      value={typed ?? value ?? ''}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => event.key === 'Enter' && save()}
    />
  );
}

interface NumberProps {
  label: string;
  value: number;
  min: number;
  max: number;
  unit?: string;
  disabled?: boolean;
  onSave(value: number): void;
}

export function SavedNumber({ label, value, min, max, unit, disabled, onSave }: NumberProps) {
  const [typed, setTyped] = useState<string | number | null>(null);
  const save = () => {
    const number = typeof typed === 'string' ? Number.parseFloat(typed) : typed;
    if (number !== null && Number.isFinite(number)) {
      const allowed = Math.min(Math.max(number, min), max);
      if (allowed !== value) onSave(allowed);
    }
    setTyped(null);
  };
  return (
    <NumberInput
      aria-label={label}
      w={110}
      min={min}
      max={max}
      suffix={unit && ` ${unit}`}
      disabled={disabled}
      value={typed ?? value}
      onChange={setTyped}
      onBlur={save}
      onKeyDown={(event) => event.key === 'Enter' && save()}
    />
  );
}
