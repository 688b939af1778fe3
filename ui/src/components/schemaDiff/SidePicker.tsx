/** One side of a comparison: what it is, and what of that. */
import { Select, TextInput } from '@mantine/core';
import { useConnections } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection } from '../../api/types.generated';
import classes from './schemaDiff.module.css';
import { KINDS, type Side, type SideKind } from './sides';

interface Props {
  label: string;
  connection: Connection;
  side: Side;
  disabled: boolean;
  onChange(side: Side): void;
  onEnter(): void;
}

export function SidePicker({ label, connection, side, disabled, onChange, onEnter }: Props) {
  const field = {
    disabled,
    className: classes.detail,
    spellCheck: false,
    autoComplete: 'off',
    onKeyDown: (event: React.KeyboardEvent) => event.key === 'Enter' && onEnter(),
  };
  return (
    <div className={classes.side}>
      <Select
        label={label}
        className={classes.kind}
        disabled={disabled}
        value={side.kind}
        data={KINDS.map((one) => ({ value: one.kind, label: one.label(connection) }))}
        onChange={(kind) => kind && onChange({ kind: kind as SideKind })}
      />
      {side.kind === 'other' && (
        <Others label={label} connection={connection} side={side} disabled={disabled} onChange={onChange} />
      )}
      {side.kind === 'migrations' && (
        <Until label={label} connection={connection} side={side} disabled={disabled} onChange={onChange} />
      )}
      {side.kind.startsWith('revision') && (
        <TextInput
          {...field}
          aria-label={`${label}: revision`}
          placeholder="HEAD~1, main, v1.2 …"
          value={side.revision ?? ''}
          onChange={(event) => onChange({ ...side, revision: event.currentTarget.value })}
        />
      )}
      {side.kind === 'path' && (
        <TextInput
          {...field}
          aria-label={`${label}: path`}
          placeholder="/path/to/schema.sql"
          value={side.path ?? ''}
          onChange={(event) => onChange({ ...side, path: event.currentTarget.value })}
        />
      )}
      {side.kind === 'url' && (
        <TextInput
          {...field}
          aria-label={`${label}: URL`}
          placeholder="postgres://user@host/database"
          value={side.url ?? ''}
          onChange={(event) => onChange({ ...side, url: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

type DetailProps = Omit<Props, 'onEnter'>;

function Others({ label, connection, side, disabled, onChange }: DetailProps) {
  const { data } = useConnections();
  const others = (data?.connections ?? []).filter(
    (one) => one.engine === connection.engine && one.id !== connection.id,
  );
  return (
    <Select
      aria-label={`${label}: connection`}
      className={classes.detail}
      disabled={disabled}
      placeholder={others.length ? 'Choose a connection' : `No other ${connection.engine} connection`}
      searchable
      value={side.connection ?? null}
      data={others.map((one) => ({ value: one.id, label: `${one.name} (${one.environment})` }))}
      onChange={(id) => onChange({ ...side, connection: id ?? undefined })}
    />
  );
}

const ALL = '';

function Until({ label, connection, side, disabled, onChange }: DetailProps) {
  const { data } = useChannel('migration:list', { connection: connection.id, order: 'newest', limit: 1000 });
  const files = data?.migrations ?? [];
  return (
    <Select
      aria-label={`${label}: up to which migration`}
      className={classes.detail}
      disabled={disabled}
      searchable
      value={side.to ?? ALL}
      data={[
        { value: ALL, label: 'All of them' },
        ...files.map((one) => ({ value: one.filename, label: `To ${one.filename}` })),
      ]}
      limit={100}
      onChange={(to) => onChange({ ...side, to: to || undefined })}
    />
  );
}
