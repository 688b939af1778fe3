/** The columns of a table, or the fields of a collection with how often they are there. */
import { Table } from '@mantine/core';
import { IconKey, IconLink } from '@tabler/icons-react';
import type { DetailColumn, DetailTable } from '../../../api/types.generated';
import classes from './tables.module.css';

const percent = (share: number) => `${share > 0 && share < 0.01 ? '<1' : Math.round(share * 100)} %`;

export function Columns({ table, narrow }: { table: DetailTable; narrow: boolean }) {
  const pointing = new Set(table.foreign_keys.flatMap((one) => one.columns));
  const isSampled = table.sampled !== null && table.sampled > 0;
  if (narrow) {
    return (
      <ul className={classes.narrow}>
        {table.columns.map((one) => (
          <li key={one.name}>
            <Name column={one} isForeign={pointing.has(one.name)} />
            <span className="mono dim truncate" title={one.type}>
              {one.type}
              {one.nullable ? '' : ' not null'}
              {one.share !== null && one.share < 1 && `, ${percent(one.share)}`}
            </span>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <Table className={classes.columns} verticalSpacing={5}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Type</Table.Th>
          {isSampled ? <Table.Th>Present</Table.Th> : <Table.Th>Null</Table.Th>}
          <Table.Th>Default</Table.Th>
          <Table.Th>More</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {table.columns.map((one) => (
          <Table.Tr key={one.name}>
            <Table.Td>
              <Name column={one} isForeign={pointing.has(one.name)} />
            </Table.Td>
            <Table.Td className="mono">{typeOf(one)}</Table.Td>
            {isSampled ? (
              <Table.Td className="tabular">{one.share === null ? '' : percent(one.share)}</Table.Td>
            ) : (
              <Table.Td className={one.nullable ? 'faint' : classes.nowrap}>
                {one.nullable ? 'null' : 'not null'}
              </Table.Td>
            )}
            <Table.Td className={`mono ${classes.wrap}`}>
              {defaultOf(one) || <span className="faint">–</span>}
            </Table.Td>
            <Table.Td className={classes.wrap}>
              <span className="dim">{notesOf(one).join(', ')}</span> {one.comment}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Name({ column, isForeign }: { column: DetailColumn; isForeign: boolean }) {
  return (
    <span className={classes.columnName}>
      <span className="truncate" title={column.name}>
        {column.name}
      </span>
      {column.primary_key && <IconKey size={13} className="dim" role="img" aria-label="primary key" />}
      {isForeign && <IconLink size={13} className="dim" role="img" aria-label="points at another table" />}
    </span>
  );
}

/** Several types with their shares, where documents differ. */
const typeOf = (column: DetailColumn) =>
  column.types.length > 1
    ? column.types.map((one) => `${one.type} ${percent(one.share)}`).join(', ')
    : column.type;

function defaultOf(column: DetailColumn): string {
  if (column.generated) return `= ${column.generated}`;
  if (column.identity)
    return column.identity.startsWith('auto') ? column.identity : `identity, ${column.identity}`;
  return column.default ?? '';
}

const notesOf = (column: DetailColumn) => [
  ...column.notes,
  ...(column.collation ? [`collation ${column.collation}`] : []),
];
