/** Range, status and person: what of the timeline is shown. */
import { SegmentedControl, Select, UnstyledButton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import classes from './timeline.module.css';
import { dateOf, GROUPS, PRESETS, presetOf, rangeOf, type Zoom } from './zoom';

interface Props {
  zoom: Zoom;
  today: string;
  authors: string[];
  onChange(part: Partial<Zoom>): void;
}

export function Bar({ zoom, today, authors, onChange }: Props) {
  const preset = presetOf(zoom, today);
  const toggle = (id: string) =>
    onChange({
      groups: zoom.groups.includes(id) ? zoom.groups.filter((one) => one !== id) : [...zoom.groups, id],
    });
  return (
    <div className={classes.filters}>
      <SegmentedControl
        aria-label="Range"
        size="xs"
        // Of a range of one's own none is chosen.
        value={preset ?? 'own'}
        onChange={(value) => onChange(rangeOf(value, today))}
        data={PRESETS.map(({ id, label }) => ({ value: id, label }))}
      />
      {preset === null && (
        <span className={classes.chip}>
          {rangeWords(zoom)}
          <UnstyledButton
            aria-label="Show the whole range"
            onClick={() => onChange({ from: null, to: null })}
          >
            <IconX size={13} aria-hidden />
          </UnstyledButton>
        </span>
      )}
      <fieldset className={classes.pills} aria-label="Status">
        {GROUPS.map(({ id, label }) => (
          <UnstyledButton
            key={id}
            className={classes.pill}
            aria-pressed={zoom.groups.includes(id)}
            onClick={() => toggle(id)}
          >
            {label}
          </UnstyledButton>
        ))}
      </fieldset>
      {(authors.length > 1 || zoom.author) && (
        <Select
          aria-label="Person"
          placeholder="Everybody"
          w={150}
          clearable
          searchable={authors.length > 8}
          data={[...new Set([...authors, ...(zoom.author ? [zoom.author] : [])])]}
          value={zoom.author}
          onChange={(author) => onChange({ author })}
          allowDeselect
        />
      )}
    </div>
  );
}

const SHORT = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

function rangeWords({ from, to }: Zoom): string {
  const words = (day: string) => SHORT.format(dateOf(day));
  if (from && to) return from === to ? words(from) : `${words(from)} – ${words(to)}`;
  return from ? `Since ${words(from)}` : to ? `Until ${words(to)}` : '';
}
