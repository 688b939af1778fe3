/** The columns of a new table: a row each, added, removed and moved by pointer or keyboard (Alt+arrows). */
import { ActionIcon, Autocomplete, Button, Checkbox, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Described } from './Described';
import { type FieldProps, fieldId, suggestions } from './Field';
import classes from './fields.module.css';
import { inPage } from './popups';
import { type ColumnRow, EMPTY_COLUMN } from './values';

export function ColumnList({ field, value, error, isMongo, autoFocus, onChange }: FieldProps) {
  const rows = Array.isArray(value) && value.length > 0 ? (value as ColumnRow[]) : [EMPTY_COLUMN];
  const box = useRef<HTMLDivElement>(null);
  const focusRow = useRef<number | null>(null);
  const word = isMongo ? 'field' : 'column';
  useEffect(() => {
    if (focusRow.current === null) return;
    box.current?.querySelectorAll<HTMLInputElement>('[data-name]')[focusRow.current]?.focus();
    focusRow.current = null;
  });

  const change = (at: number, part: Partial<ColumnRow>) =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const add = (at: number) => {
    focusRow.current = at + 1;
    onChange([...rows.slice(0, at + 1), EMPTY_COLUMN, ...rows.slice(at + 1)]);
  };
  const remove = (at: number) => {
    focusRow.current = Math.max(0, at - 1);
    onChange(rows.length === 1 ? [EMPTY_COLUMN] : rows.filter((_row, index) => index !== at));
  };
  const move = (at: number, by: -1 | 1) => {
    const to = at + by;
    const row = rows[at];
    if (!row || to < 0 || to >= rows.length) return;
    const rest = rows.filter((_row, index) => index !== at);
    focusRow.current = to;
    onChange([...rest.slice(0, to), row, ...rest.slice(to)]);
  };
  const onKeyDown = (event: KeyboardEvent, at: number) => {
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      move(at, event.key === 'ArrowUp' ? -1 : 1);
    }
  };

  return (
    <Described label={field.label} help={field.help} error={error}>
      <div ref={box} className={classes.columns} data-mongo={isMongo || undefined}>
        <div className={classes.columnHead} aria-hidden>
          <span>Name</span>
          <span>Type</span>
          {!isMongo && (
            <>
              <span>Default</span>
              <span className={classes.center}>Key</span>
              <span className={classes.center}>Required</span>
            </>
          )}
          <span />
        </div>
        {rows.map((row, at) => (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid row in every browser.
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
            key={at}
            className={classes.column}
            role="group"
            aria-label={`${word} ${at + 1}`}
            onKeyDown={(event) => onKeyDown(event, at)}
          >
            <TextInput
              id={at === 0 ? fieldId(field.name) : undefined}
              aria-label={`Name of ${word} ${at + 1}`}
              data-name
              data-autofocus={(autoFocus && at === 0) || undefined}
              autoFocus={autoFocus && at === 0}
              placeholder={at === 0 ? 'id' : 'name'}
              value={row.name}
              onChange={(event) => change(at, { name: event.currentTarget.value })}
              autoComplete="off"
              spellCheck={false}
              classNames={{ input: classes.mono }}
            />
            <Autocomplete
              aria-label={`Type of ${word} ${at + 1}`}
              placeholder="type"
              {...suggestions(field.choices)}
              value={row.type}
              onChange={(type) => change(at, { type })}
              spellCheck={false}
              classNames={{ input: classes.mono }}
              comboboxProps={{ width: 'max-content', position: 'bottom-start', ...inPage }}
            />
            {!isMongo && (
              <>
                <TextInput
                  aria-label={`Default of ${word} ${at + 1}`}
                  placeholder="none"
                  value={row.default}
                  onChange={(event) => change(at, { default: event.currentTarget.value })}
                  autoComplete="off"
                  spellCheck={false}
                  classNames={{ input: classes.mono }}
                />
                <Checkbox
                  className={classes.center}
                  aria-label={`${word} ${at + 1} is in the primary key`}
                  checked={row.primary_key}
                  onChange={(event) =>
                    change(at, {
                      primary_key: event.currentTarget.checked,
                      nullable: event.currentTarget.checked ? false : row.nullable,
                    })
                  }
                />
                <Checkbox
                  className={classes.center}
                  aria-label={`${word} ${at + 1} is required (NOT NULL)`}
                  checked={!row.nullable || row.primary_key}
                  disabled={row.primary_key}
                  onChange={(event) => change(at, { nullable: !event.currentTarget.checked })}
                />
              </>
            )}
            <span className={classes.rowButtons}>
              <ActionIcon
                size={24}
                aria-label={`Move ${word} ${at + 1} up`}
                disabled={at === 0}
                onClick={() => move(at, -1)}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                size={24}
                aria-label={`Move ${word} ${at + 1} down`}
                disabled={at === rows.length - 1}
                onClick={() => move(at, 1)}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
              <ActionIcon size={24} aria-label={`Remove ${word} ${at + 1}`} onClick={() => remove(at)}>
                <IconX size={14} />
              </ActionIcon>
            </span>
          </div>
        ))}
      </div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => add(rows.length - 1)}
      >
        Add a {word}
      </Button>
    </Described>
  );
}
