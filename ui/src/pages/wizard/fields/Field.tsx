/** One field of a template, with the control its kind wants. Choices come from the live database; others are taken too. */
import {
  Autocomplete,
  type AutocompleteProps,
  NumberInput,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { FieldChoice, TemplateField } from '../../../api/types.generated';
import { ColumnList } from './ColumnList';
import { Described } from './Described';
import classes from './fields.module.css';
import { Grid } from './Grid';
import { Keys } from './Keys';
import { inPage } from './popups';
import { defaultPattern, initialOf, isGrid, kindOfScalar } from './values';

export interface FieldProps {
  field: TemplateField;
  value: unknown;
  /** What is taken where nothing is given. */
  instead: string | null;
  error: string | null;
  isMongo: boolean;
  /** The names of the owner's columns, for rows of one. */
  columnChoices: string[];
  autoFocus: boolean;
  onChange(value: unknown): void;
}

export const fieldId = (name: string) => `field-${name}`;

export function Field(props: FieldProps) {
  const { field, error, onChange, instead, autoFocus } = props;
  const value = props.value === undefined ? initialOf(field) : props.value;
  const common = {
    id: fieldId(field.name),
    label: field.label,
    description: field.help ?? undefined,
    error: error ?? undefined,
    required: field.required && field.default === null,
    withAsterisk: false,
    autoFocus,
    'data-autofocus': autoFocus || undefined,
  };
  const placeholder = instead ?? defaultPattern(field) ?? exampleOf(field);
  const text = typeof value === 'string' ? value : '';
  const typing = { ...common, placeholder, autoComplete: 'off', spellCheck: false } as const;

  switch (field.kind) {
    case 'table':
    case 'view':
    case 'column':
    case 'index':
    case 'enum':
    case 'type':
      return (
        <Autocomplete
          {...typing}
          comboboxProps={inPage}
          {...suggestions(field.choices)}
          value={text}
          onChange={onChange}
          classNames={{ input: classes.mono }}
        />
      );
    case 'choice':
      return field.choices.length <= 3 && field.choices.every((one) => one.label.length < 16) ? (
        <Described label={field.label} help={field.help} error={error}>
          <SegmentedControl
            id={common.id}
            aria-label={field.label}
            data={field.choices.map(({ value: one, label }) => ({ value: one, label }))}
            value={String(value ?? '')}
            onChange={onChange}
          />
        </Described>
      ) : (
        <Select
          {...common}
          comboboxProps={{ shadow: 'md', ...inPage }}
          data={field.choices.map(({ value: one, label }) => ({ value: one, label }))}
          value={(value as string | undefined) ?? null}
          onChange={onChange}
        />
      );
    case 'boolean':
      return (
        <Switch
          id={common.id}
          label={field.label}
          description={common.description}
          error={common.error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          placeholder={placeholder}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
          allowDecimal
        />
      );
    case 'columns':
      return (
        <TagsInput
          {...common}
          comboboxProps={inPage}
          placeholder={
            Array.isArray(value) && value.length > 0 ? undefined : (placeholder ?? 'Choose or type')
          }
          data={field.choices.map((one) => one.value)}
          renderOption={({ option }) => <ChoiceLine choice={find(field.choices, option.value)} />}
          value={Array.isArray(value) ? (value as string[]) : []}
          onChange={onChange}
          acceptValueOnBlur
        />
      );
    case 'keys':
      return <Keys {...props} common={common} value={value} />;
    case 'values':
      return (
        <TagsInput
          {...common}
          comboboxProps={inPage}
          description={
            common.description ?? 'Enter after each. 12, true and null are taken as such, "12" is text.'
          }
          placeholder={Array.isArray(value) && value.length > 0 ? undefined : 'Type a value'}
          value={Array.isArray(value) ? (value as string[]) : []}
          onChange={onChange}
          acceptValueOnBlur
          splitChars={[]}
          allowDuplicates
        />
      );
    case 'value':
      return (
        <TextInput
          {...typing}
          description={common.description ?? '12, true and null are taken as such, "12" is text.'}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
          rightSection={text !== '' && <span className={classes.kind}>{kindOfScalar(text)}</span>}
          rightSectionWidth={64}
          classNames={{ input: classes.mono }}
        />
      );
    case 'expression':
    case 'select':
    case 'json':
      return (
        <Textarea
          {...typing}
          value={typeof value === 'string' || value === undefined ? text : JSON.stringify(value, null, 2)}
          onChange={(event) => onChange(event.currentTarget.value)}
          autosize
          minRows={field.kind === 'expression' ? 1 : 3}
          maxRows={12}
          classNames={{ input: classes.mono }}
        />
      );
    case 'column-list':
      return <ColumnList {...props} value={value} />;
    case 'rows':
      return (
        <Grid
          field={field}
          value={isGrid(value) ? value : null}
          error={error}
          columnChoices={props.columnChoices}
          onChange={onChange}
        />
      );
    default:
      return (
        <TextInput
          {...typing}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
          classNames={field.kind === 'text' ? undefined : { input: classes.mono }}
        />
      );
  }
}

/** A free field with what the database has as suggestions. */
export function suggestions(
  choices: FieldChoice[],
): Pick<AutocompleteProps, 'data' | 'renderOption' | 'limit'> {
  return {
    // The same name twice (two schemas) would be the same text to take.
    data: [...new Set(choices.map((one) => one.value))],
    renderOption: ({ option }) => <ChoiceLine choice={find(choices, option.value)} />,
    limit: 200,
  };
}

const find = (choices: FieldChoice[], value: string): FieldChoice =>
  choices.find((one) => one.value === value) ?? { value, label: value, detail: null };

export function ChoiceLine({ choice }: { choice: FieldChoice }) {
  return (
    <span className={classes.choice}>
      <span className="mono truncate">{choice.label}</span>
      {choice.detail && <span className="mono faint truncate">{choice.detail}</span>}
    </span>
  );
}

/** The template's example as a hint, where it reads as one. */
function exampleOf({ example, help }: TemplateField): string | undefined {
  if (help && typeof example === 'string') return undefined;
  if (typeof example === 'string') return `e.g. ${example.split('\n')[0]}`;
  if (typeof example === 'number') return `e.g. ${example}`;
  if (typeof example === 'object' && example !== null && !Array.isArray(example))
    return `e.g. ${JSON.stringify(example)}`;
  return undefined;
}
