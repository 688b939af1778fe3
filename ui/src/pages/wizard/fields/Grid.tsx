/** Rows of a table: its columns once, then a line of values each. */
import { ActionIcon, Autocomplete, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { TemplateField } from '../../../api/types.generated';
import { Described } from './Described';
import { fieldId } from './Field';
import classes from './fields.module.css';
import { inPage } from './popups';
import type { Grid as Rows } from './values';

interface Props {
  field: TemplateField;
  value: Rows | null;
  error: string | null;
  columnChoices: string[];
  onChange(value: Rows): void;
}

const EMPTY: Rows = { columns: [''], rows: [['']] };

export function Grid({ field, value, error, columnChoices, onChange }: Props) {
  const grid = value && value.columns.length > 0 && value.rows.length > 0 ? value : EMPTY;
  const { columns, rows } = grid;
  const rename = (at: number, name: string) =>
    onChange({ ...grid, columns: columns.map((one, index) => (index === at ? name : one)) });
  const setCell = (row: number, at: number, text: string) =>
    onChange({
      ...grid,
      rows: rows.map((cells, index) =>
        index === row
          ? columns.map((_name, column) => (column === at ? text : (cells[column] ?? '')))
          : cells,
      ),
    });
  const without = <T,>(list: T[], at: number) => list.filter((_one, index) => index !== at);
  return (
    <Described
      label={field.label}
      help={field.help ?? '12, true and null are taken as such, "12" is text; an empty place is NULL.'}
      error={error}
    >
      <div className={classes.gridBox}>
        <table className={classes.grid}>
          <thead>
            <tr>
              {columns.map((name, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity but their place.
                <th key={at}>
                  <Autocomplete
                    comboboxProps={inPage}
                    id={at === 0 ? fieldId(field.name) : undefined}
                    aria-label={`Column ${at + 1}`}
                    placeholder="column"
                    data={columnChoices.filter((one) => one === name || !columns.includes(one))}
                    value={name}
                    onChange={(next) => rename(at, next)}
                    spellCheck={false}
                    classNames={{ input: classes.mono }}
                    rightSection={
                      columns.length > 1 && (
                        <ActionIcon
                          size={20}
                          aria-label={`Remove column ${at + 1}`}
                          onClick={() =>
                            onChange({
                              columns: without(columns, at),
                              rows: rows.map((cells) => without(cells, at)),
                            })
                          }
                        >
                          <IconX size={12} />
                        </ActionIcon>
                      )
                    }
                  />
                </th>
              ))}
              <th className={classes.narrow}>
                <ActionIcon
                  aria-label="Add a column"
                  onClick={() =>
                    onChange({ columns: [...columns, ''], rows: rows.map((one) => [...one, '']) })
                  }
                >
                  <IconPlus size={14} />
                </ActionIcon>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
              <tr key={row}>
                {columns.map((name, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place.
                  <td key={at}>
                    <TextInput
                      aria-label={`${name || `Column ${at + 1}`} of row ${row + 1}`}
                      placeholder="NULL"
                      value={cells[at] ?? ''}
                      onChange={(event) => setCell(row, at, event.currentTarget.value)}
                      autoComplete="off"
                      spellCheck={false}
                      classNames={{ input: classes.mono }}
                    />
                  </td>
                ))}
                <td className={classes.narrow}>
                  <ActionIcon
                    aria-label={`Remove row ${row + 1}`}
                    disabled={rows.length === 1}
                    onClick={() => onChange({ ...grid, rows: without(rows, row) })}
                  >
                    <IconX size={14} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange({ ...grid, rows: [...rows, columns.map(() => '')] })}
      >
        Add a row
      </Button>
    </Described>
  );
}
