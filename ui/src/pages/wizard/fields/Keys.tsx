/** The columns of an index, in order, each upwards or downwards. */
import { TagsInput } from '@mantine/core';
import { IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { ChoiceLine, type FieldProps } from './Field';
import classes from './fields.module.css';
import { inPage } from './popups';
import type { Key } from './values';

interface Props extends FieldProps {
  common: object;
}

export function Keys({ field, value, common, onChange }: Props) {
  const keys = Array.isArray(value) ? (value as Key[]) : [];
  const rename = (names: string[]) =>
    onChange(names.map((name) => keys.find((one) => one.name === name) ?? { name, descending: false }));
  const turn = (name: string) =>
    onChange(keys.map((one) => (one.name === name ? { ...one, descending: !one.descending } : one)));
  return (
    <div>
      <TagsInput
        {...common}
        comboboxProps={inPage}
        placeholder={keys.length > 0 ? undefined : 'Choose or type'}
        data={field.choices.map((one) => one.value)}
        renderOption={({ option }) => (
          <ChoiceLine
            choice={
              field.choices.find((one) => one.value === option.value) ?? {
                value: option.value,
                label: option.value,
                detail: null,
              }
            }
          />
        )}
        value={keys.map((one) => one.name)}
        onChange={rename}
        acceptValueOnBlur
      />
      {keys.length > 0 && (
        <div className={classes.keys}>
          {keys.map((one) => (
            <button
              key={one.name}
              type="button"
              className={classes.direction}
              onClick={() => turn(one.name)}
              aria-label={`${one.name}: ${one.descending ? 'descending' : 'ascending'}`}
            >
              {one.descending ? (
                <IconSortDescending size={14} aria-hidden />
              ) : (
                <IconSortAscending size={14} aria-hidden />
              )}
              <span className="mono">{one.name}</span> {one.descending ? 'descending' : 'ascending'}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
