/** What a conversion wrote and marked, and what it could not carry over. */
import { Button } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { Connection, Converted } from '../../api/types.generated';
import { plural } from '../../lib/format';
import classes from './convert.module.css';
import { Note } from './Note';

export function Done({
  connection,
  converted,
  onDone,
}: {
  connection: Connection;
  converted: Converted;
  onDone(): void;
}) {
  const notes = [...converted.left_out, ...converted.notes];
  return (
    <div className={classes.done} role="status">
      <h2>
        <IconCircleCheck size={18} color="var(--green)" aria-hidden /> {converted.says}
      </h2>
      <p>
        The files are in <span className="mono">{converted.folder}</span>.{' '}
        {plural(converted.pending.length, 'migration')} pending on {connection.name}; nothing was run.
        {converted.same.length > 0 && ` ${plural(converted.same.length, 'file')} had been there already.`}
      </p>
      {converted.migrations_table !== connection.migrations_table && (
        <p>
          {connection.name} keeps its versions in <span className="mono">{converted.migrations_table}</span>{' '}
          now.
        </p>
      )}
      {notes.length > 0 && (
        <div>
          <h3>What to know</h3>
          <ul>
            {notes.map((one) => (
              <Note key={`${one.file} ${one.line} ${one.message}`} note={one} />
            ))}
          </ul>
        </div>
      )}
      <div>
        <Button onClick={onDone}>Show the migrations of {connection.name}</Button>
      </div>
    </div>
  );
}
