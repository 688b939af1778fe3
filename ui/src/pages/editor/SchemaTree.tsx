/** The live schema as a tree: a click inserts a name, a drag drops it, Enter and arrows open. */
import { TextInput } from '@mantine/core';
import { IconChevronRight, IconEye, IconKey, IconSearch, IconTable } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { ChannelError } from '../../api/invoke';
import type { Catalog, CatalogColumn, CatalogTable, Connection } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import type { Dialect } from '../../editor/languages';
import { quoteName, tableName } from '../../editor/quote';
import { databaseName } from '../../lib/engines';
import classes from './editor.module.css';

interface Props {
  connection: Connection;
  dialect: Dialect;
  catalog: Catalog | null;
  error: ChannelError | null;
  onRetry(): void;
  onInsert(text: string): void;
}

interface Line {
  key: string;
  table: CatalogTable;
  column?: CatalogColumn;
  insert: string;
}

const ROW_PX = 26;

export function SchemaTree({ connection, dialect, catalog, error, onRetry, onInsert }: Props) {
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => linesOf(catalog, open, search, dialect), [catalog, open, search, dialect]);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    initialRect: { width: 240, height: 600 },
  });
  if (error && !catalog) {
    return (
      <div className={classes.sideError}>
        <ErrorPanel error={error} connection={connection.id} onRetry={onRetry} compact />
      </div>
    );
  }
  const toggle = (key: string) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  return (
    <>
      <TextInput
        className={classes.treeSearch}
        aria-label="Find a table or column"
        placeholder={`Find in ${databaseName(connection)}`}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        spellCheck={false}
      />
      {catalog && lines.length === 0 && (
        <p className={classes.treeEmpty}>
          {search ? 'Nothing of that name.' : 'Empty so far: tables appear here once migrations made them.'}
        </p>
      )}
      <div ref={scroller} className={classes.tree}>
        <ul style={{ height: rows.getTotalSize() }} aria-label="Schema">
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index];
            return (
              line && (
                <li key={line.key} style={{ transform: `translateY(${row.start}px)` }}>
                  <TreeLine
                    line={line}
                    isOpen={open.has(line.key) || search !== ''}
                    onToggle={() => toggle(line.key)}
                    onInsert={() => onInsert(line.insert)}
                  />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </>
  );
}

interface LineProps {
  line: Line;
  isOpen: boolean;
  onToggle(): void;
  onInsert(): void;
}

function TreeLine({ line, isOpen, onToggle, onInsert }: LineProps) {
  const { table, column } = line;
  const Icon = table.kind.includes('view') ? IconEye : IconTable;
  return (
    <div className={classes.treeLine} data-column={column ? true : undefined}>
      {!column && (
        <button
          type="button"
          className={classes.twist}
          aria-expanded={isOpen}
          aria-label={`Columns of ${table.name}`}
          onClick={onToggle}
        >
          <IconChevronRight size={13} className={isOpen ? classes.twisted : undefined} />
        </button>
      )}
      <button
        type="button"
        className={classes.treeName}
        title={`Insert ${line.insert}`}
        draggable
        onDragStart={(event) => {
          event.dataTransfer.setData('text/plain', line.insert);
          event.dataTransfer.effectAllowed = 'copy';
        }}
        onClick={onInsert}
      >
        {!column && <Icon size={14} className="faint" aria-hidden />}
        {column?.primary_key && <IconKey size={12} className="faint" aria-label="Primary key" />}
        <span className="truncate">{column?.name ?? labelOf(table)}</span>
        {column && <span className={`mono faint truncate ${classes.type}`}>{column.type}</span>}
      </button>
    </div>
  );
}

const labelOf = (table: CatalogTable) => table.name;

const keyOf = (table: CatalogTable) => `${table.schema_name ?? ''}.${table.name}`;

function linesOf(
  catalog: Catalog | null,
  open: ReadonlySet<string>,
  search: string,
  dialect: Dialect,
): Line[] {
  const wanted = search.trim().toLowerCase();
  const matches = (name: string) => name.toLowerCase().includes(wanted);
  const lines: Line[] = [];
  for (const table of catalog?.tables ?? []) {
    const key = keyOf(table);
    const isNamed = matches(table.name);
    const columns = table.columns.filter((one) => !wanted || isNamed || matches(one.name));
    if (wanted && !isNamed && columns.length === 0) continue;
    lines.push({ key, table, insert: tableName(table, catalog?.default_schema ?? null, dialect) });
    if (!open.has(key) && !(wanted && !isNamed)) continue;
    for (const column of columns)
      lines.push({ key: `${key}.${column.name}`, table, column, insert: quoteName(column.name, dialect) });
  }
  return lines;
}
