/** The template's fields on the left, what comes out of them on the right; for a blank migration the name alone. */
import { Loader } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useChannel } from '../../api/queries';
import type { Connection, TemplateField } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Field, fieldId } from './fields/Field';
import { defaultShown, messageOfField } from './fields/values';
import { NameField } from './NameField';
import { Preview } from './Preview';
import { ownName, valuesOf } from './state';
import { SafeNote } from './TemplateDetail';
import type { Chosen } from './useTemplate';
import type { Wizard } from './useWizard';
import classes from './wizard.module.css';

interface Props {
  connection: Connection;
  wizard: Wizard;
  chosen: Chosen;
  /** After "Next" every field says what it lacks; before, only those that were touched. */
  tried: boolean;
  nameError: string | null;
}

export function Describe(props: Props) {
  const { connection, wizard, nameError } = props;
  if (wizard.state.template !== null) return <OfTemplate {...props} />;
  return (
    <div className={classes.single}>
      <NameField
        connection={connection}
        value={wizard.state.name}
        onChange={(name) => wizard.change({ name })}
        description="A few words: they become the file’s name."
        error={nameError}
        autoFocus
      />
      <p className={classes.quiet}>The file opens in the editor. Nothing runs until you apply it.</p>
    </div>
  );
}

function OfTemplate({ connection, wizard, chosen, tried }: Props) {
  const { state, change } = wizard;
  const { template, rendered } = chosen;
  const values = valuesOf(state);
  const columnsOf = useColumns(connection.id);
  if (chosen.error) return <ErrorPanel error={chosen.error} onRetry={chosen.retry} />;
  if (!template)
    return (
      <p className={classes.quiet}>
        <Loader /> Looking at the live schema…
      </p>
    );
  const setValue = (name: string, value: unknown) =>
    change((before) => ({
      values: { ...before.values, [template.id]: { ...valuesOf(before), [name]: value } },
    }));
  return (
    <div className={classes.describe}>
      <div className={classes.form}>
        <h2 className={classes.detailTitle}>{template.title}</h2>
        <p className={classes.about}>{template.description}</p>
        <SafeNote template={template} />
        {template.problem && (
          <p className={`${classes.safe} ${classes.amber}`} role="status">
            <IconInfoCircle size={16} aria-hidden />
            <span>No choices from the live database: {template.problem} Names can be typed.</span>
          </p>
        )}
        {template.fields.map((field, at) => (
          <Field
            key={`${template.id} ${field.name}`}
            field={field}
            value={values[field.name]}
            instead={defaultShown(field, values)}
            error={errorOf(field, chosen, tried || field.name in values, tried)}
            isMongo={connection.engine === 'mongodb'}
            columnChoices={field.kind === 'rows' ? columnsOf(tableIn(template.fields, values)) : []}
            autoFocus={at === 0}
            onChange={(value) => setValue(field.name, value)}
          />
        ))}
        <NameField
          connection={connection}
          value={state.name}
          onChange={(name) => change({ name })}
          label="Name of the migration"
          description="Left empty, the template names it."
          placeholder={(rendered && ownName(rendered)) ?? template.name.replace(/\{\{(\w+)\}\}/g, '$1')}
          instead={rendered ? ownName(rendered) : undefined}
        />
      </div>
      <Preview connection={connection} wizard={wizard} chosen={chosen} />
    </div>
  );
}

/** What is wrong with a field, once it is fair to say so; after "Next" (`tried`) also all that is missing. */
function errorOf(
  field: TemplateField,
  { problem, sent }: Chosen,
  speaks: boolean,
  tried: boolean,
): string | null {
  if (!problem || !speaks) return null;
  // The backend names a value that is wrong before it looks for those that are missing.
  if (tried && field.required && field.default === null && field.kind !== 'boolean' && !(field.name in sent))
    return 'Needed.';
  const { field: named, fields } = problem.details as { field?: string; fields?: string[] };
  if (Array.isArray(fields)) return fields.includes(field.name) ? 'Needed.' : null;
  return named === field.name ? messageOfField(problem.message) : null;
}

/** The control of the first field that something is wrong with. */
export function focusFirstError(chosen: Chosen): void {
  const { field, fields } = (chosen.problem?.details ?? {}) as { field?: string; fields?: string[] };
  const name = fields?.[0] ?? field;
  if (name) document.getElementById(fieldId(name))?.focus();
}

function tableIn(fields: TemplateField[], values: Record<string, unknown>): string {
  const owner = fields.find((one) => one.kind === 'table');
  return owner ? String(values[owner.name] ?? '') : '';
}

function useColumns(connection: string): (table: string) => string[] {
  const { data } = useChannel('schema:catalog', { connection }, { staleTime: 60_000 });
  return (name) =>
    data?.tables
      .find((one) => one.name === name || `${one.schema_name ?? ''}.${one.name}` === name)
      ?.columns.map((one) => one.name) ?? [];
}
