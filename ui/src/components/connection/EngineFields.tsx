/** The engine's own form: the fields it names, in its order, the advanced ones folded away. */
import { ActionIcon, Button, Collapse, Input, PasswordInput, Select, Switch, TextInput } from '@mantine/core';
import { IconChevronRight, IconFolder } from '@tabler/icons-react';
import { useState } from 'react';
import type { UrlField } from '../../api/types.generated';
import classes from './connection.module.css';
import { FolderPicker } from './FolderPicker';

export type FieldValues = Record<string, string>;

interface Props {
  fields: UrlField[];
  values: FieldValues;
  onChange(values: FieldValues): void;
  /** Errors by field name. */
  errors?: FieldValues;
}

export function EngineFields({ fields, values, onChange, errors = {} }: Props) {
  const advanced = fields.filter((field) => field.advanced);
  const [open, setOpen] = useState(() => advanced.some((field) => values[field.name]));
  const render = (field: UrlField) => (
    <div key={field.name} className={spanOf(field)}>
      <Field
        field={field}
        value={values[field.name] ?? ''}
        error={errors[field.name]}
        onChange={(value) => onChange({ ...values, [field.name]: value })}
      />
    </div>
  );
  return (
    <>
      <div className={classes.grid}>{fields.filter((field) => !field.advanced).map(render)}</div>
      {advanced.length > 0 && (
        <div>
          <Button
            variant="subtle"
            color="gray"
            ml={-8}
            aria-expanded={open}
            leftSection={<IconChevronRight size={14} className={open ? classes.turned : classes.turn} />}
            onClick={() => setOpen(!open)}
          >
            Advanced
          </Button>
          <Collapse expanded={open}>
            <div className={classes.grid}>{advanced.map(render)}</div>
          </Collapse>
        </div>
      )}
    </>
  );
}

const spanOf = (field: UrlField) =>
  field.kind === 'number'
    ? classes.third
    : field.name === 'host'
      ? classes.twoThirds
      : field.kind === 'path' || field.name === 'options'
        ? classes.whole
        : classes.half;

/** The defaults of a new form. */
export const initialValues = (fields: UrlField[]): FieldValues =>
  Object.fromEntries(
    fields.filter((field) => field.default !== null).map((field) => [field.name, field.default ?? '']),
  );

/** What is missing, by field name. */
export function missingFields(fields: UrlField[], values: FieldValues): FieldValues {
  const missing = fields.filter((field) => field.required && !values[field.name]?.trim());
  return Object.fromEntries(missing.map((field) => [field.name, `${field.label} is needed`]));
}

/** What is filled in, as `connection:build-url` takes it. */
export const filledValues = (fields: UrlField[], values: FieldValues): FieldValues =>
  Object.fromEntries(fields.flatMap(({ name }) => (values[name] ? [[name, values[name]]] : [])));

interface FieldProps {
  field: UrlField;
  value: string;
  error?: string;
  onChange(value: string): void;
}

function Field({ field, value, error, onChange }: FieldProps) {
  const common = {
    label: field.label,
    description: field.help,
    placeholder: field.placeholder ?? undefined,
    error,
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as Array<
      'label' | 'input' | 'description' | 'error'
    >,
  };
  const text = {
    ...common,
    required: field.required,
    value,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    autoComplete: 'off',
    spellCheck: false,
  };
  if (field.kind === 'password') return <PasswordInput {...text} />;
  if (field.kind === 'switch') {
    return (
      <Input.Wrapper
        label={field.label}
        description={field.help}
        inputWrapperOrder={['label', 'input', 'description']}
      >
        <Switch
          mt={6}
          aria-label={field.label}
          checked={value === 'true'}
          onChange={(event) => onChange(event.currentTarget.checked ? 'true' : '')}
        />
      </Input.Wrapper>
    );
  }
  if (field.kind === 'choice') {
    const data = field.choices.map((choice) => ({ value: choice || DEFAULT, label: choice || 'Default' }));
    return (
      <Select
        {...common}
        data={data}
        value={value || (field.choices.includes('') ? DEFAULT : null)}
        onChange={(choice) => onChange(choice === DEFAULT ? '' : (choice ?? ''))}
      />
    );
  }
  if (field.kind === 'path') return <PathField text={text} onChange={onChange} />;
  return <TextInput {...text} inputMode={field.kind === 'number' ? 'numeric' : undefined} />;
}

// Mantine's Select takes no empty value.
const DEFAULT = '__default__';

interface PathProps {
  text: { value: string; label: string };
  onChange(value: string): void;
}

function PathField({ text, onChange }: PathProps) {
  const [picking, setPicking] = useState(false);
  const nameOf = (path: string) => path.split(/[\\/]/).at(-1) || '';
  return (
    <>
      <TextInput
        {...text}
        classNames={{ input: 'mono' }}
        rightSection={
          <ActionIcon
            size={24}
            aria-label={`Choose the folder of ${text.label.toLowerCase()}`}
            onClick={() => setPicking(true)}
          >
            <IconFolder size={16} />
          </ActionIcon>
        }
      />
      {picking && (
        <FolderPicker
          title="Folder of the database file"
          action="Use this folder"
          onClose={() => setPicking(false)}
          onChoose={(folder) => {
            setPicking(false);
            onChange(`${folder.replace(/[\\/]$/, '')}/${nameOf(text.value) || 'database.db'}`);
          }}
        />
      )}
    </>
  );
}
