/** Everything known of one table: columns, relations both ways, indexes, constraints, triggers, options, statements. */
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useChannel } from '../../../api/queries';
import type { Connection, DetailTable, Relation } from '../../../api/types.generated';
import { formatBytes, plural } from '../../../lib/format';
import { nameOf, wordOf } from '../names';
import { Columns } from './Columns';
import { Made } from './Made';
import { Statements } from './Statements';
import classes from './tables.module.css';

interface Props {
  connection: Connection;
  table: DetailTable;
  defaultSchema: string | null;
  /** Show another table instead. */
  onOpen(id: string): void;
  /** There is room for one short column only. */
  narrow?: boolean;
}

const NOTHING: Relation[] = [];

export function Details({ connection, table, defaultSchema, onOpen, narrow = false }: Props) {
  const outline = useChannel('schema:outline', { connection: connection.id });
  const known = new Set(outline.data?.tables.map((one) => one.id));
  const incoming = (outline.data?.relations ?? NOTHING).filter((one) => one.to_table === table.id);
  const isCollection = table.kind === 'collection' || table.kind === 'time_series';
  const link = (id: string) => (
    <TableLink id={id} name={nameOf(id, defaultSchema)} isKnown={known.has(id)} onOpen={onOpen} />
  );
  const options = [
    ...table.properties,
    ...(table.partition_by ? [{ name: 'partition by', value: table.partition_by }] : []),
  ];
  return (
    <>
      <p className={classes.facts}>{factsOf(table, isCollection).join(' · ')}</p>
      {table.comment && <p className={classes.comment}>{table.comment}</p>}
      {table.problem && (
        <p className={classes.problem}>
          <IconAlertTriangle size={15} aria-hidden /> {table.problem}
        </p>
      )}
      <Made connection={connection} table={table} />
      <Section title={isCollection ? 'Fields' : 'Columns'}>
        {table.columns.length > 0 ? (
          <Columns table={table} narrow={narrow} />
        ) : (
          <p className="dim">
            {isCollection ? 'No document and no validator names its fields.' : 'None are known.'}
          </p>
        )}
      </Section>
      {table.foreign_keys.length > 0 && (
        <Section title="Points at">
          <ul className={classes.items}>
            {table.foreign_keys.map((key) => (
              <li key={`${key.name} ${key.columns.join()} ${key.table}`}>
                <code>{key.columns.join(', ')}</code> → {link(key.table)}{' '}
                {key.to_columns.length > 0 && <code>{key.to_columns.join(', ')}</code>}{' '}
                <span className="dim">{[...actions(key), ...key.notes].join(', ')}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {incoming.length > 0 && (
        <Section title="Pointed at by">
          <ul className={classes.items}>
            {incoming.map((one) => (
              <li key={`${one.table} ${one.name} ${one.columns.join()}`}>
                {link(one.table)} <code>{one.columns.join(', ')}</code>{' '}
                <span className="dim">{actions(one).join(', ')}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {table.indexes.length > 0 && (
        <Section title="Indexes">
          <ul className={classes.items}>
            {table.indexes.map((index) => (
              <li key={index.name} title={index.definition ?? undefined}>
                <span>{index.name}</span> <code>({index.columns.join(', ')})</code>{' '}
                <span className="dim">
                  {[
                    index.primary ? 'primary key' : index.unique ? 'unique' : null,
                    index.method && index.method !== 'btree' ? index.method : null,
                    index.include.length > 0 ? `includes ${index.include.join(', ')}` : null,
                    ...index.notes,
                    index.comment,
                  ]
                    .filter(Boolean)
                    .join(', ')}
                </span>
                {index.where && <code className={classes.where}>where {index.where}</code>}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {(table.uniques.length > 0 || table.checks.length > 0) && (
        <Section title="Constraints">
          <ul className={classes.items}>
            {table.uniques.map((key) => (
              <li key={`unique ${key.name} ${key.columns.join()}`}>
                {key.name && <span>{key.name}</span>} <span className="dim">unique</span>{' '}
                <code>({key.columns.join(', ')})</code>
              </li>
            ))}
            {table.checks.map((check) => (
              <li key={`${check.name} ${check.definition}`}>
                {check.name && <span>{check.name}</span>} <code>{check.definition}</code>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {table.triggers.length > 0 && (
        <Section title="Triggers">
          <ul className={classes.items}>
            {table.triggers.map((trigger) => (
              <li key={trigger.name} title={trigger.definition ?? undefined}>
                <span>{trigger.name}</span>{' '}
                <span className="dim">
                  {[trigger.when?.toLowerCase(), trigger.enabled ? null : 'switched off']
                    .filter(Boolean)
                    .join(', ')}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {(options.length > 0 || table.parent || table.children.length > 0) && (
        <Section title="Options">
          <dl className={classes.options}>
            {options.map((one) => (
              <div key={one.name}>
                <dt>{one.name}</dt>
                <dd>
                  <code>{one.value}</code>
                </dd>
              </div>
            ))}
            {table.parent && (
              <div>
                <dt>{table.is_partition ? 'partition of' : 'inherits from'}</dt>
                <dd>{link(table.parent)}</dd>
              </div>
            )}
            {table.children.length > 0 && (
              <div>
                <dt>parts</dt>
                <dd>
                  {table.children.map((one) => (
                    <span key={one} className={classes.part}>
                      {known.has(one) ? link(one) : one}
                    </span>
                  ))}
                </dd>
              </div>
            )}
          </dl>
        </Section>
      )}
      {table.definition && (
        <Section title="Definition">
          <Pre text={table.definition} label="Definition" />
        </Section>
      )}
      {table.validator && (
        <Section title="Validator">
          <Pre text={table.validator} label="Validator" />
        </Section>
      )}
      <Statements connection={connection} table={table.id} />
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.heading}>{title}</h3>
      {children}
    </section>
  );
}

const Pre = ({ text, label }: { text: string; label: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
  <section className={classes.pre} aria-label={label} tabIndex={0}>
    <pre>{text.trim()}</pre>
  </section>
);

interface LinkProps {
  id: string;
  name: string;
  isKnown: boolean;
  onOpen(id: string): void;
}

function TableLink({ id, name, isKnown, onOpen }: LinkProps) {
  if (!isKnown) return <span>{name}</span>;
  return (
    <button type="button" className={classes.link} onClick={() => onOpen(id)}>
      {name}
    </button>
  );
}

function factsOf(table: DetailTable, isCollection: boolean): string[] {
  const facts = [wordOf(table.kind)];
  if (table.rows !== null) facts.push(`about ${plural(table.rows, isCollection ? 'document' : 'row')}`);
  if (table.size_bytes !== null) facts.push(formatBytes(table.size_bytes));
  if (table.sampled !== null) facts.push(`fields from a sample of ${plural(table.sampled, 'document')}`);
  return facts;
}

function actions(key: { on_update: string; on_delete: string }): string[] {
  return [
    ['update', key.on_update],
    ['delete', key.on_delete],
  ]
    .filter(([, action]) => action && action !== 'NO ACTION')
    .map(([event, action]) => `on ${event} ${action?.toLowerCase()}`);
}
