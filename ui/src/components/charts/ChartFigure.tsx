/** A chart with the table behind it: screen readers always have the table, everyone can switch to it. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import classes from './charts.module.css';

export interface ChartTable {
  head: string[];
  rows: Array<Array<string | number | null>>;
}

interface Props {
  title: string;
  note?: ReactNode;
  table: ChartTable;
  /** Which colour is what. */
  legend?: ReactNode;
  children: ReactNode;
}

export function ChartFigure({ title, note, table, legend, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  const label = asTable ? `Show ${title} as a chart` : `Show ${title} as a table`;
  return (
    <figure className={classes.figure} aria-label={title}>
      <figcaption className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        <span className={`truncate ${classes.note}`}>{note}</span>
        <Tooltip label={asTable ? 'As a chart' : 'As a table'} withinPortal={false}>
          <ActionIcon
            size={24}
            aria-label={label}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <IconChartBar size={15} /> : <IconTable size={15} />}
          </ActionIcon>
        </Tooltip>
      </figcaption>
      {asTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <section className={classes.scroll} aria-label={`${title}, as a table`} tabIndex={0}>
          <DataTable title={title} {...table} />
        </section>
      ) : (
        <>
          <div className={classes.plot} aria-hidden>
            {children}
          </div>
          {legend}
          <div className="visually-hidden">
            <DataTable title={title} {...table} />
          </div>
        </>
      )}
    </figure>
  );
}

export function DataTable({ title, head, rows }: ChartTable & { title: string }) {
  return (
    <table className={classes.table}>
      <caption className="visually-hidden">{title}</caption>
      <thead>
        <tr>
          {head.map((one, at) => (
            <th key={one} scope="col" className={at > 0 ? classes.number : undefined}>
              {one}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and never move.
          <tr key={number}>
            {row.map((cell, at) =>
              at === 0 ? (
                <th key={head[at]} scope="row">
                  {cell}
                </th>
              ) : (
                <td key={head[at]} className={classes.number}>
                  {cell ?? '–'}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface LegendProps {
  entries: Array<{ label: string; color: string; value?: string; line?: boolean }>;
}

export function Legend({ entries }: LegendProps) {
  return (
    <ul className={classes.legend} aria-hidden>
      {entries.map(({ label, color, value, line }) => (
        <li key={label}>
          <span
            className={`${classes.swatch} ${line ? classes.line : ''}`}
            style={{ '--swatch': color } as React.CSSProperties}
          />
          {label}
          {value !== undefined && <strong className="tabular">{value}</strong>}
        </li>
      ))}
    </ul>
  );
}
