/** Search and filters over the list. */
import { UnstyledButton } from '@mantine/core';
import type { Ref } from 'react';
import type { MigrationFlag, MigrationStatus, StatusReport } from '../../api/types.generated';
import { FLAGS } from '../../components/FlagBadge';
import { formatCount } from '../../lib/format';
import { type Choices, type Filters, isFiltered, NO_FILTERS } from './filters';
import classes from './migrations.module.css';
import { Days, Picker } from './Pickers';
import { SavedFilters } from './SavedFilters';
import { SearchField } from './SearchField';

interface Props {
  connection: string;
  filters: Filters;
  choices: Choices;
  counts: Pick<StatusReport, 'total' | 'applied' | 'pending' | 'failed'>;
  searchRef: Ref<HTMLInputElement>;
  onChange(change: Partial<Filters>): void;
  /** From the search field down to the list. */
  onLeaveSearch(): void;
}

const PILLS: Array<{ value: MigrationStatus | null; label: string; count: keyof Props['counts'] }> = [
  { value: null, label: 'All', count: 'total' },
  { value: 'pending', label: 'Pending', count: 'pending' },
  { value: 'applied', label: 'Applied', count: 'applied' },
  { value: 'failed', label: 'Failed', count: 'failed' },
];

export function FilterBar({
  connection,
  filters,
  choices,
  counts,
  searchRef,
  onChange,
  onLeaveSearch,
}: Props) {
  return (
    <search className={classes.filterBar}>
      <SearchField
        filters={filters}
        choices={choices}
        fieldRef={searchRef}
        onChange={onChange}
        onLeave={onLeaveSearch}
      />
      <fieldset className={classes.statuses}>
        <legend className="visually-hidden">Status</legend>
        {PILLS.map(({ value, label, count }) => (
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
        values={filters.flags}
        choices={choices.flags}
        nameOf={(flag) => FLAGS[flag as MigrationFlag]?.word ?? flag}
        onChange={(flags) => onChange({ flags: flags as MigrationFlag[] })}
      />
      <Picker
        label="Table"
        values={filters.tables}
        choices={choices.tables}
        onChange={(tables) => onChange({ tables })}
      />
      <Picker
        label="Author"
        values={filters.authors}
        choices={choices.authors}
        onChange={(authors) => onChange({ authors })}
      />
      {(counts.applied > 0 || filters.from || filters.to) && (
        <Days from={filters.from} to={filters.to} onChange={onChange} />
      )}
      <SavedFilters connection={connection} filters={filters} onApply={onChange} />
      {isFiltered(filters) && (
        <UnstyledButton className={classes.clearAll} onClick={() => onChange(NO_FILTERS)}>
          Clear
        </UnstyledButton>
      )}
    </search>
  );
}
