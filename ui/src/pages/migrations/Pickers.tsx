/** Filters that are chosen from what occurs, and days. What is set stands as a chip that can be taken away. */
import { Button, Combobox, Popover, TextInput, UnstyledButton, useCombobox } from '@mantine/core';
import { IconCheck, IconChevronDown, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './migrations.module.css';

interface PickerProps {
  label: string;
  values: string[];
  choices: string[];
  nameOf?(value: string): string;
  onChange(values: string[]): void;
}

// More choices than this are found by typing.
const SHOWN = 100;

export function Picker({ label, values, choices, nameOf = (one) => one, onChange }: PickerProps) {
  const [search, setSearch] = useState('');
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => box.focusSearchInput(),
  });
  // A filter that matches nothing any more must still be there to be taken away.
  if (choices.length === 0 && values.length === 0) return null;
  const matching = choices.filter((one) => nameOf(one).toLowerCase().includes(search.toLowerCase().trim()));
  const toggle = (value: string) =>
    onChange(values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
  return (
    <>
      {values.map((value) => (
        <Chip
          key={value}
          label={label}
          value={nameOf(value)}
          onRemove={() => onChange(values.filter((one) => one !== value))}
        />
      ))}
      <Combobox
        store={box}
        width={240}
        withinPortal={false}
        position="bottom-start"
        shadow="md"
        onOptionSubmit={(chosen) => {
          toggle(chosen);
          if (values.length === 0) box.closeDropdown();
        }}
      >
        <Combobox.Target targetType="button" withAriaAttributes={false}>
          <UnstyledButton
            className={classes.pick}
            aria-haspopup="listbox"
            aria-expanded={box.dropdownOpened}
            aria-label={values.length > 0 ? `${label}: or choose more` : undefined}
            onClick={() => box.toggleDropdown()}
          >
            {values.length > 0 ? 'or' : label} <IconChevronDown size={13} aria-hidden />
          </UnstyledButton>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Search
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              box.selectFirstOption();
            }}
            placeholder={`Find a ${label.toLowerCase()}`}
            aria-label={`Find a ${label.toLowerCase()}`}
          />
          <Combobox.Options mah={280} style={{ overflowY: 'auto' }} aria-label={label}>
            {matching.slice(0, SHOWN).map((one) => (
              <Combobox.Option key={one} value={one} active={values.includes(one)} className={classes.choice}>
                <span className="truncate">{nameOf(one)}</span>
                {values.includes(one) && <IconCheck size={14} aria-label="chosen" />}
              </Combobox.Option>
            ))}
            {matching.length === 0 && <Combobox.Empty>None</Combobox.Empty>}
            {matching.length > SHOWN && <Combobox.Footer>Type to find the others</Combobox.Footer>}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </>
  );
}

export function Chip({ label, value, onRemove }: { label: string; value: string; onRemove(): void }) {
  return (
    <span className={classes.chip}>
      {label}: <strong className="truncate">{value}</strong>
      <UnstyledButton
        className={classes.clear}
        aria-label={`Remove the filter ${label}: ${value}`}
        onClick={onRemove}
      >
        <IconX size={13} />
      </UnstyledButton>
    </span>
  );
}

interface DaysProps {
  from: string | null;
  to: string | null;
  onChange(days: { from: string | null; to: string | null }): void;
}

const dayBefore = (days: number) => {
  const day = new Date();
  day.setDate(day.getDate() - days);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
};

const PRESETS = [
  { label: 'Today', days: 0 },
  { label: '7 days', days: 6 },
  { label: '30 days', days: 29 },
  { label: '1 year', days: 364 },
];

/** When it was applied: from a day to a day. */
export function Days({ from, to, onChange }: DaysProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      shadow="md"
      withinPortal={false}
      trapFocus
    >
      {from || to ? (
        <span className={classes.chip}>
          <Popover.Target>
            <UnstyledButton className={classes.chipText} onClick={() => setOpened(!opened)}>
              Applied: <strong>{wordsOf(from, to)}</strong>
            </UnstyledButton>
          </Popover.Target>
          <UnstyledButton
            className={classes.clear}
            aria-label={`Remove the filter Applied: ${wordsOf(from, to)}`}
            onClick={() => onChange({ from: null, to: null })}
          >
            <IconX size={13} />
          </UnstyledButton>
        </span>
      ) : (
        <Popover.Target>
          <UnstyledButton className={classes.pick} aria-expanded={opened} onClick={() => setOpened(!opened)}>
            Applied <IconChevronDown size={13} aria-hidden />
          </UnstyledButton>
        </Popover.Target>
      )}
      <Popover.Dropdown aria-label="When it was applied">
        <div className={classes.presets}>
          {PRESETS.map(({ label, days }) => (
            <Button
              key={label}
              variant="default"
              size="compact-sm"
              onClick={() => {
                onChange({ from: dayBefore(days), to: null });
                setOpened(false);
              }}
            >
              {label}
            </Button>
          ))}
        </div>
        <div className={classes.days}>
          <TextInput
            type="date"
            label="From"
            value={from ?? ''}
            max={to ?? undefined}
            onChange={(event) => onChange({ from: event.currentTarget.value || null, to })}
          />
          <TextInput
            type="date"
            label="Up to and including"
            value={to ?? ''}
            min={from ?? undefined}
            onChange={(event) => onChange({ from, to: event.currentTarget.value || null })}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

const wordsOf = (from: string | null, to: string | null) =>
  from && to ? (from === to ? from : `${from} – ${to}`) : from ? `since ${from}` : `until ${to}`;
