/** One table or collection: columns or fields, indexes, and for MongoDB what can be added. */
import { Button, Table } from '@mantine/core';
import { IconKey, IconListSearch, IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { CatalogTable, Connection } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { formatCount } from '../../lib/format';
import classes from './database.module.css';
import { NewIndex } from './NewIndex';
import { Validator } from './Validator';

interface Props {
  connection: Connection;
  table: CatalogTable;
}

export function TableDetail({ connection, table }: Props) {
  const [dialog, setDialog] = useState<'index' | 'validator' | null>(null);
  const isCollection = table.kind === 'collection';
  const canChange = isCollection && !connection.read_only;
  return (
    <section className={classes.detail} aria-label={table.name}>
      <header className={classes.detailHead}>
        <h2 className={classes.detailTitle}>
          {table.schema_name ? `${table.schema_name}.${table.name}` : table.name}
        </h2>
        {table.kind !== 'table' && (
          <span className={`${badges.badge} ${badges.gray}`}>{table.kind.replace('_', ' ')}</span>
        )}
        {table.rows !== null && (
          <span className="dim tabular">
            about {formatCount(table.rows)} {isCollection ? 'documents' : 'rows'}
          </span>
        )}
        {canChange && (
          <span className={classes.right}>
            <Button
              variant="default"
              leftSection={<IconShieldCheck size={15} />}
              onClick={() => setDialog('validator')}
            >
              Validator
            </Button>
            <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => setDialog('index')}>
              Index
            </Button>
          </span>
        )}
      </header>
      <h3 className={classes.heading}>{isCollection ? 'Fields' : 'Columns'}</h3>
      {table.columns.length > 0 ? (
        <Table className={classes.table} verticalSpacing={5} layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w="32%">Name</Table.Th>
              <Table.Th w="28%">Type</Table.Th>
              <Table.Th w={90}>Null</Table.Th>
              <Table.Th>Default</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {table.columns.map((column) => (
              <Table.Tr key={column.name}>
                <Table.Td>
                  <span className={classes.columnName}>
                    {column.name}
                    {column.primary_key && <IconKey size={14} aria-label="primary key" className="dim" />}
                  </span>
                </Table.Td>
                <Table.Td className="mono">{column.type}</Table.Td>
                <Table.Td className={column.nullable ? 'faint' : undefined}>
                  {column.nullable ? 'null' : 'not null'}
                </Table.Td>
                <Table.Td className="mono truncate" title={column.default ?? undefined}>
                  {column.default ?? <span className="faint">–</span>}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <p className="dim">
          {isCollection ? 'No validator names its fields.' : 'The server names no columns.'}
        </p>
      )}
      <h3 className={classes.heading}>Indexes</h3>
      {table.indexes.length > 0 ? (
        <ul className={classes.indexes}>
          {table.indexes.map((index) => (
            <li key={index.name}>
              <IconListSearch size={15} stroke={1.7} className="faint" aria-hidden />
              <span>{index.name}</span>
              <span className="mono dim truncate">({index.columns.join(', ')})</span>
              {index.unique && <span className={`${badges.badge} ${badges.gray}`}>unique</span>}
            </li>
          ))}
        </ul>
      ) : (
        <p className="dim">None.</p>
      )}
      {dialog === 'index' && (
        <NewIndex connection={connection} collection={table.name} onClose={() => setDialog(null)} />
      )}
      {dialog === 'validator' && (
        <Validator connection={connection} collection={table.name} onClose={() => setDialog(null)} />
      )}
    </section>
  );
}
