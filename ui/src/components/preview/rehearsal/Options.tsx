/** Where a rehearsal happens, with which rows, and for how long: with what that would copy. */
import { Button, Loader, NumberInput, Radio, SegmentedControl } from '@mantine/core';
import { IconAlertTriangle, IconDatabase, IconInfoCircle } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useId } from 'react';
import { useChannel } from '../../../api/queries';
import type { RowsWanted, ScratchPlan } from '../../../api/types.generated';
import { formatBytes, formatCount, plural } from '../../../lib/format';
import { ErrorPanel } from '../../ErrorPanel';
import classes from './rehearsal.module.css';
import type { Choice, Copy } from './useRehearsal';

const ROWS: Record<RowsWanted, { label: string; means: string }> = {
  none: { label: 'None', means: 'The schema alone. Quick; says nothing about what happens to rows.' },
  sample: {
    label: 'A sample',
    means: 'Some rows of every table, with the rows that their foreign keys point at.',
  },
  all: { label: 'All', means: 'Every row: the times are those of the real thing.' },
};

interface Props {
  connection: string;
  choice: Choice;
  onChange(change: Partial<Choice>): void;
  onStart(): void;
  asks: Copy | null;
  /** The user agreed to copy this much. */
  onAccept(bytes: number): void;
  onSample(): void;
  children?: ReactNode;
}

export function Options({
  connection,
  choice,
  onChange,
  onStart,
  asks,
  onAccept,
  onSample,
  children,
}: Props) {
  const { data: plan, error, refetch } = useChannel('preview:scratch', { connection }, { staleTime: 30_000 });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onStart();
  };
  const chosen = placeOf(plan, choice.scratch);
  return (
    <form className={classes.options} onSubmit={submit} aria-label="How to rehearse">
      <p className={classes.lead}>
        A rehearsal runs up, down, and up again on a scratch copy and measures it: time, rows, locks,
        rewrites. The target’s data is not touched, and the scratch is dropped at the end.
      </p>
      {children}
      {asks && (
        <div className={classes.asks} role="alert">
          <IconAlertTriangle size={18} aria-hidden />
          <div>
            <strong>Copy {copyText(asks)}?</strong>
            <p>
              All rows with their indexes go into the scratch{chosen ? ` (${chosen.label})` : ''}.
              {plan?.free_bytes != null && ` ${formatBytes(plan.free_bytes)} are free there.`}
            </p>
            <div className={classes.buttons}>
              <Button onClick={() => onAccept(asks.bytes)}>Copy {copyText(asks)} and rehearse</Button>
              <Button variant="default" onClick={onSample}>
                Take a sample instead
              </Button>
            </div>
          </div>
        </div>
      )}
      {error && <ErrorPanel error={error} connection={connection} onRetry={() => void refetch()} compact />}
      {!plan && !error && (
        <p className={classes.waiting}>
          <Loader /> Looking where it could happen…
        </p>
      )}
      {plan && (
        <>
          <Places plan={plan} chosen={chosen?.id ?? ''} onChange={(scratch) => onChange({ scratch })} />
          <Rows plan={plan} choice={choice} onChange={onChange} />
          <NumberInput
            label="Stop after, in minutes"
            value={choice.timeLimitS / 60}
            min={1}
            max={1440}
            w={180}
            allowNegative={false}
            onChange={(value) =>
              typeof value === 'number' && value > 0 && onChange({ timeLimitS: Math.round(value * 60) })
            }
          />
          {plan.engine_notes.length > 0 && (
            <ul className={classes.notes} aria-label="What cannot be measured here">
              {plan.engine_notes.map((one) => (
                <li key={one}>
                  <IconInfoCircle size={15} aria-hidden /> <span>{one}</span>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      <button type="submit" hidden aria-hidden tabIndex={-1} />
    </form>
  );
}

const copyText = ({ bytes, rows }: Copy) =>
  bytes === 0 && rows !== null ? plural(rows, 'row') : formatBytes(bytes);

/** `auto` is the default place, once it is known. */
const placeOf = (plan: ScratchPlan | undefined, wanted: string) =>
  plan?.places.find((one) => one.id === wanted && one.available) ??
  plan?.places.find((one) => one.is_default && one.available) ??
  plan?.places.find((one) => one.available);

function Places({
  plan,
  chosen,
  onChange,
}: {
  plan: ScratchPlan;
  chosen: string;
  onChange(id: string): void;
}) {
  if (plan.places.length === 0) return <p className="dim">There is no place to rehearse this in.</p>;
  return (
    <Radio.Group label="Where" value={chosen} onChange={onChange}>
      <div className={classes.places}>
        {plan.places.map((one) => (
          <div key={one.id} className={classes.place} data-off={!one.available || undefined}>
            <Radio
              value={one.id}
              size="xs"
              label={one.label}
              description={one.available ? undefined : one.reason}
              disabled={!one.available}
            />
            {one.available && one.notes.length > 0 && (
              <ul className={classes.placeNotes}>
                {one.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            )}
          </div>
        ))}
      </div>
    </Radio.Group>
  );
}

function Rows({ plan, choice, onChange }: Pick<Props, 'choice' | 'onChange'> & { plan: ScratchPlan }) {
  const label = useId();
  return (
    <div>
      <div id={label} className={classes.label}>
        Rows
      </div>
      <div className={classes.rows}>
        <SegmentedControl
          aria-labelledby={label}
          value={choice.rows}
          onChange={(value) => onChange({ rows: value as RowsWanted })}
          data={Object.entries(ROWS).map(([value, { label: word }]) => ({ value, label: word }))}
        />
        {choice.rows === 'sample' && (
          <NumberInput
            aria-label="Rows of each table"
            value={choice.sampleRows}
            min={1}
            max={100_000}
            w={120}
            suffix=" a table"
            thousandSeparator=","
            allowDecimal={false}
            allowNegative={false}
            clampBehavior="strict"
            onChange={(value) => typeof value === 'number' && value >= 1 && onChange({ sampleRows: value })}
          />
        )}
      </div>
      <p className={classes.means}>{ROWS[choice.rows].means}</p>
      <p className={classes.size}>
        <IconDatabase size={14} aria-hidden /> {sizeOf(plan)}
      </p>
    </div>
  );
}

/** "The target has 12 tables with about 1,204 rows, 3.2 GB with indexes. 120 GB are free." */
function sizeOf({ tables, rows, bytes_all, free_bytes }: ScratchPlan): string {
  const has =
    tables === null
      ? 'How much the target holds is not known.'
      : `The target has ${plural(tables, 'table')}${rows === null ? '' : ` with about ${formatCount(rows)} rows`}${
          bytes_all === null ? '; its size is not told' : `, ${formatBytes(bytes_all)} with indexes`
        }.`;
  return free_bytes === null ? has : `${has} ${formatBytes(free_bytes)} are free for the scratch.`;
}
