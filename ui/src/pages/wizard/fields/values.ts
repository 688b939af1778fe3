/** From what stands in the controls to what `template:render` takes. Pure. */
import type { TemplateField } from '../../../api/types.generated';
import type { Values } from '../state';

export interface ColumnRow {
  name: string;
  type: string;
  nullable: boolean;
  default: string;
  primary_key: boolean;
}

export interface Grid {
  columns: string[];
  rows: string[][];
}

export interface Key {
  name: string;
  descending: boolean;
}

export const EMPTY_COLUMN: ColumnRow = {
  name: '',
  type: '',
  nullable: true,
  default: '',
  primary_key: false,
};

/** `12`, `true`, `null` and `"text"` are what they look like; anything else is text. */
export function parseScalar(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text.trim());
    // Digits that would be rounded stay as they are written.
    if (typeof value === 'number') return String(value) === text.trim() ? value : text.trim();
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  } catch {
    // Text.
  }
  return text;
}

/** A value as it is typed, so that `parseScalar` gives it back. */
export function printScalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? '';
  return parseScalar(value) === value && value !== '' ? value : JSON.stringify(value);
}

export const kindOfScalar = (text: string): string => {
  const value = parseScalar(text);
  return value === null ? 'null' : typeof value === 'string' ? 'text' : typeof value;
};

export const isGrid = (value: unknown): value is Grid =>
  typeof value === 'object' && value !== null && 'columns' in value && 'rows' in value;

/** The values to send: what was given, in the form each kind takes; what was left empty is left out. */
export function toRequest(fields: TemplateField[], values: Values): Values {
  const sent: Values = {};
  for (const field of fields) {
    // The first column of a new table is shown from the start, so it is sent from the start.
    const shown = values[field.name] ?? (field.kind === 'column-list' ? initialOf(field) : undefined);
    const value = sendable(field, shown);
    if (value !== undefined) sent[field.name] = value;
  }
  return sent;
}

function sendable(field: TemplateField, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (value === '') return field.kind === 'text' && field.required ? '' : undefined;
  switch (field.kind) {
    case 'value':
      return parseScalar(String(value));
    case 'values':
      return listOf<string>(value).map(parseScalar);
    case 'columns':
    case 'keys':
      return listOf(value);
    case 'column-list':
      return listOf<ColumnRow>(value)
        .filter((one) => one.name.trim() !== '' || one.type.trim() !== '')
        .map((one) => ({ ...one, default: one.default.trim() === '' ? null : one.default }));
    case 'rows':
      return isGrid(value) ? rowsOf(value) : undefined;
    default:
      return value;
  }
}

const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** Rows that hold anything, as objects. */
function rowsOf({ columns, rows }: Grid): Array<Record<string, unknown>> {
  const named = columns.map((name, at) => ({ name: name.trim(), at })).filter((one) => one.name !== '');
  if (named.length === 0) return [];
  return rows
    .filter((row) => row.some((cell) => cell.trim() !== ''))
    .map((row) =>
      Object.fromEntries(
        named.map(({ name, at }) => [
          name,
          (row[at] ?? '').trim() === '' ? null : parseScalar(row[at] ?? ''),
        ]),
      ),
    );
}

/** What a control shows before anything was given. */
export function initialOf(field: TemplateField): unknown {
  if (field.kind === 'boolean') return field.default === true;
  if (field.kind === 'choice' || field.kind === 'number') return field.default ?? undefined;
  if (field.kind === 'column-list') return [firstColumn(field)];
  return undefined;
}

/** A key to begin with, where the template's example begins with one. */
function firstColumn(field: TemplateField): ColumnRow {
  const [first] = Array.isArray(field.example) ? (field.example as Array<Partial<ColumnRow>>) : [];
  if (!first?.primary_key) return EMPTY_COLUMN;
  return {
    ...EMPTY_COLUMN,
    name: first.name ?? '',
    type: first.type ?? '',
    nullable: false,
    primary_key: true,
  };
}

/** What is taken where nothing is given, with the other fields put in: `orders_email_idx`. */
export function defaultShown(field: TemplateField, values: Values): string | null {
  const { default: given } = field;
  if (given === null || given === undefined || Array.isArray(given)) return null;
  if (typeof given === 'object') return JSON.stringify(given);
  const text = String(given);
  const names = [...text.matchAll(/\{\{\s*([a-z0-9_]+)[^}]*\}\}/g)].map(([, name = '']) => name);
  if (names.some((name) => plain(values[name]) === '')) return null;
  return text.replace(/\{\{\s*([a-z0-9_]+)[^}]*\}\}/g, (_all, name: string) => plain(values[name]));
}

/** The pattern of such a default while the other fields are empty: `{{table}}_idx` reads table_idx. */
export const defaultPattern = ({ default: given }: TemplateField): string | null =>
  typeof given === 'string' && given.includes('{{')
    ? given.replace(/\{\{\s*([a-z0-9_]+)[^}]*\}\}/g, '$1')
    : null;

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join('_');
  if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
  return value === undefined || value === null ? '' : String(value);
}

/** The field's part of the backend's sentence: "the name is empty". */
export function messageOfField(message: string): string {
  const found = /: the field \S+: (.*?)\.?$/s.exec(message)?.[1] ?? message.replace(/^[\w-]+: /, '');
  return `${found.charAt(0).toUpperCase()}${found.slice(1)}.`.replace(/\.\.$/, '.');
}
