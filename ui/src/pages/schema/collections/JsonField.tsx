/** A JSON object to type. */
import { JsonInput } from '@mantine/core';

interface Props {
  label: string;
  description?: string;
  value: string;
  onChange(value: string): void;
  rows?: number;
}

export function JsonField({ label, description, value, onChange, rows = 4 }: Props) {
  return (
    <JsonInput
      label={label}
      description={description}
      value={value}
      onChange={onChange}
      minRows={rows}
      maxRows={18}
      autosize
      formatOnBlur
      classNames={{ input: 'mono' }}
      error={parseObject(value) === null ? 'This is not a JSON object' : undefined}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      spellCheck={false}
    />
  );
}

/** The object, `{}` for nothing typed, null for what is not a JSON object. */
export function parseObject(text: string): Record<string, unknown> | null {
  if (!text.trim()) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
