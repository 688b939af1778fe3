/** Search and filters. What is set stands as a chip that can be taken away. */
import { Menu, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconSearch, IconX } from '@tabler/icons-react';
import { type Ref, useEffect, useState } from 'react';
import { Kbd } from '../../components/Kbd';
import { OUTCOME_WORDS } from '../../components/OutcomeBadge';
import { DIRECTIONS, ENVIRONMENTS, type Filters, STATES } from './filters';
import classes from './history.module.css';

interface Props {
  filters: Filters;
  authors: string[];
  searchRef: Ref<HTMLInputElement>;
  onChange(change: Partial<Filters>): void;
  onLeaveSearch(): void;
}

const PAUSE_MS = 180;
const DIRECTION_WORDS = { up: 'Up', down: 'Down' };

export function FilterBar({ filters, authors, searchRef, onChange, onLeaveSearch }: Props) {
  return (
    <search className={classes.filterBar}>
      <Search
        query={filters.query}
        fieldRef={searchRef}
        onQuery={(query) => onChange({ query })}
        onLeave={onLeaveSearch}
      />
      <fieldset className={classes.pills}>
        <legend className="visually-hidden">How the run ended</legend>
        {[null, ...STATES].map((state) => (
          <UnstyledButton
            key={state ?? 'all'}
            className={classes.pill}
            aria-pressed={filters.state === state}
            onClick={() => onChange({ state })}
          >
            {state ? OUTCOME_WORDS[state] : 'All'}
          </UnstyledButton>
        ))}
      </fieldset>
      <Choice
        label="Direction"
        value={filters.direction}
        choices={DIRECTIONS}
        nameOf={(one) => DIRECTION_WORDS[one]}
        onChange={(direction) => onChange({ direction })}
      />
      <Choice
        label="Author"
        value={filters.author}
        choices={authors}
        onChange={(author) => onChange({ author })}
      />
      {filters.everywhere && (
        <Choice
          label="Environment"
          value={filters.environment}
          choices={ENVIRONMENTS}
          nameOf={(one) => one.charAt(0).toUpperCase() + one.slice(1)}
          onChange={(environment) => onChange({ environment })}
        />
      )}
      <Dates from={filters.from} to={filters.to} onChange={onChange} />
    </search>
  );
}

function Search({
  query,
  fieldRef,
  onQuery,
  onLeave,
}: {
  query: string;
  fieldRef: Ref<HTMLInputElement>;
  onQuery(query: string): void;
  onLeave(): void;
}) {
  const [typed, setTyped] = useState(query);
  useEffect(() => setTyped(query), [query]);
  useEffect(() => {
    if (typed === query) return;
    const timer = setTimeout(() => onQuery(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, query, onQuery]);
  return (
    <TextInput
      ref={fieldRef}
      className={classes.search}
      aria-label="Search files and errors"
      placeholder="Search files and errors"
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        typed ? (
          <UnstyledButton
            className={classes.clear}
            aria-label="Clear the search"
            onClick={() => setTyped('')}
          >
            <IconX size={13} />
          </UnstyledButton>
        ) : (
          <Kbd keys="/" />
        )
      }
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed) setTyped('');
        else if (['Escape', 'Enter', 'ArrowDown'].includes(event.key)) onLeave();
        else return;
        event.preventDefault();
      }}
      spellCheck={false}
    />
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T | null;
  choices: readonly T[];
  nameOf?(value: T): string;
  onChange(value: T | null): void;
}

function Choice<T extends string>({
  label,
  value,
  choices,
  nameOf = (one) => one,
  onChange,
}: ChoiceProps<T>) {
  if (value !== null)
    return (
      <span className={classes.chip}>
        {label}: <strong className="truncate">{nameOf(value)}</strong>
        <UnstyledButton
          className={classes.clear}
          aria-label={`Remove the filter ${label}: ${nameOf(value)}`}
          onClick={() => onChange(null)}
        >
          <IconX size={13} />
        </UnstyledButton>
      </span>
    );
  if (choices.length === 0) return null;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.pick}>
          {label} <IconChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah={300} style={{ overflowY: 'auto' }}>
        {choices.map((one) => (
          <Menu.Item key={one} onClick={() => onChange(one)}>
            {nameOf(one)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface DatesProps {
  from: string | null;
  to: string | null;
  onChange(change: { from?: string | null; to?: string | null }): void;
}

function Dates({ from, to, onChange }: DatesProps) {
  const words = [from && `from ${from}`, to && `to ${to}`].filter(Boolean).join(' ');
  return (
    <Popover position="bottom-start" shadow="md" trapFocus returnFocus>
      <span className={words ? classes.chip : undefined}>
        <Popover.Target>
          <UnstyledButton className={words ? classes.chipButton : classes.pick}>
            {words ? `Dates: ${words}` : 'Dates'} {!words && <IconChevronDown size={13} aria-hidden />}
          </UnstyledButton>
        </Popover.Target>
        {words && (
          <UnstyledButton
            className={classes.clear}
            aria-label={`Remove the filter Dates: ${words}`}
            onClick={() => onChange({ from: null, to: null })}
          >
            <IconX size={13} />
          </UnstyledButton>
        )}
      </span>
      <Popover.Dropdown className={classes.days} aria-label="Dates">
        <Day label="From" value={from} max={to} onChange={(day) => onChange({ from: day })} />
        <Day label="To" value={to} min={from} onChange={(day) => onChange({ to: day })} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface DayProps {
  label: string;
  value: string | null;
  min?: string | null;
  max?: string | null;
  onChange(value: string | null): void;
}

function Day({ label, value, min, max, onChange }: DayProps) {
  return (
    <label className={classes.day}>
      {label}
      <input
        type="date"
        value={value ?? ''}
        min={min ?? undefined}
        max={max ?? undefined}
        onChange={(event) => onChange(event.currentTarget.value || null)}
      />
    </label>
  );
}
