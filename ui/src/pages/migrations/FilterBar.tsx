/** Search and filters. What is set stands as a chip that can be taken away. */
import { Combobox, TextInput, UnstyledButton, useCombobox } from '@mantine/core';
import { IconChevronDown, IconSearch, IconX } from '@tabler/icons-react';
import { type Ref, useEffect, useRef, useState } from 'react';
import type { MigrationFlag, MigrationStatus, StatusReport } from '../../api/types.generated';
import { FLAGS } from '../../components/FlagBadge';
import { Kbd } from '../../components/Kbd';
import { formatCount } from '../../lib/format';
import type { Choices, Filters } from './filters';
import classes from './migrations.module.css';

interface Props {
  filters: Filters;
  choices: Choices;
  counts: Pick<StatusReport, 'total' | 'applied' | 'pending' | 'failed'>;
  searchRef: Ref<HTMLInputElement>;
  onChange(change: Partial<Filters>): void;
  /** From the search field down to the list. */
  onLeaveSearch(): void;
}

const STATUSES: Array<{ value: MigrationStatus | null; label: string; count: keyof Props['counts'] }> = [
  { value: null, label: 'All', count: 'total' },
  { value: 'pending', label: 'Pending', count: 'pending' },
  { value: 'applied', label: 'Applied', count: 'applied' },
  { value: 'failed', label: 'Failed', count: 'failed' },
];

export function FilterBar({ filters, choices, counts, searchRef, onChange, onLeaveSearch }: Props) {
  return (
    <search className={classes.filterBar}>
      <SearchField
        query={filters.query}
        fieldRef={searchRef}
        onQuery={(query) => onChange({ query })}
        onLeave={onLeaveSearch}
      />
      <fieldset className={classes.statuses}>
        <legend className="visually-hidden">Status</legend>
        {STATUSES.map(({ value, label, count }) => (
          <UnstyledButton
            key={label}
            className={classes.statusPill}
            aria-pressed={filters.status === value}
            onClick={() => onChange({ status: value })}
          >
            {label} <span className="tabular">{formatCount(counts[count])}</span>
          </UnstyledButton>
        ))}
      </fieldset>
      <Picker
        label="Flag"
        value={filters.flag}
        choices={choices.flags}
        nameOf={(flag) => FLAGS[flag as MigrationFlag]?.word ?? flag}
        onChange={(flag) => onChange({ flag: flag as MigrationFlag | null })}
      />
      <Picker
        label="Table"
        value={filters.table}
        choices={choices.tables}
        onChange={(table) => onChange({ table })}
      />
      <Picker
        label="Author"
        value={filters.author}
        choices={choices.authors}
        onChange={(author) => onChange({ author })}
      />
    </search>
  );
}

interface SearchFieldProps {
  query: string;
  fieldRef: Ref<HTMLInputElement>;
  onQuery(query: string): void;
  onLeave(): void;
}

/** The words as typed. The address follows a moment later over a long list, and must not take letters back. */
function SearchField({ query, fieldRef, onQuery, onLeave }: SearchFieldProps) {
  const [typed, setTyped] = useState(query);
  const onTheWay = useRef<string[]>([]);
  useEffect(() => {
    const echo = onTheWay.current.lastIndexOf(query);
    if (echo >= 0) onTheWay.current.splice(0, echo + 1);
    else setTyped(query);
  }, [query]);
  const change = (to: string) => {
    setTyped(to);
    onTheWay.current.push(to);
    onQuery(to);
  };
  return (
    <TextInput
      ref={fieldRef}
      className={classes.search}
      aria-label="Search names, versions and text"
      placeholder="Search names and text"
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={typed ? <Clear onClick={() => change('')} /> : <Kbd keys="/" />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && typed) change('');
        else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') onLeave();
        else return;
        event.preventDefault();
      }}
      spellCheck={false}
    />
  );
}

function Clear({ onClick }: { onClick(): void }) {
  return (
    <UnstyledButton className={classes.clear} aria-label="Clear the search" onClick={onClick}>
      <IconX size={13} />
    </UnstyledButton>
  );
}

interface PickerProps {
  label: string;
  value: string | null;
  choices: string[];
  nameOf?(value: string): string;
  onChange(value: string | null): void;
}

// More choices than this are found by typing.
const SHOWN = 100;

function Picker({ label, value, choices, nameOf = (one) => one, onChange }: PickerProps) {
  const [search, setSearch] = useState('');
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => box.focusSearchInput(),
  });
  // A filter that matches nothing any more must still be there to be taken away.
  if (choices.length === 0 && value === null) return null;
  if (value !== null) {
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
  }
  const matching = choices.filter((one) => nameOf(one).toLowerCase().includes(search.toLowerCase().trim()));
  return (
    <Combobox
      store={box}
      width={220}
      withinPortal={false}
      position="bottom-start"
      shadow="md"
      onOptionSubmit={(chosen) => {
        onChange(chosen);
        box.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <UnstyledButton
          className={classes.pick}
          aria-haspopup="listbox"
          aria-expanded={box.dropdownOpened}
          onClick={() => box.toggleDropdown()}
        >
          {label} <IconChevronDown size={13} aria-hidden />
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
            <Combobox.Option key={one} value={one}>
              {nameOf(one)}
            </Combobox.Option>
          ))}
          {matching.length === 0 && <Combobox.Empty>None</Combobox.Empty>}
          {matching.length > SHOWN && <Combobox.Footer>Type to find the others</Combobox.Footer>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
