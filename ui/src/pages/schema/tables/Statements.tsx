/** The statements that make a table, as the engine prints them; asked for when they are wanted. */
import { Button, Loader } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { useState } from 'react';
import { useChannel } from '../../../api/queries';
import type { Connection } from '../../../api/types.generated';
import { CopyTextButton } from '../../../components/CopyTextButton';
import { ErrorPanel } from '../../../components/ErrorPanel';
import classes from './tables.module.css';

export function Statements({ connection, table }: { connection: Connection; table: string }) {
  const [isAsked, setAsked] = useState(false);
  const { data, error, isPending, refetch } = useChannel(
    'schema:ddl',
    { connection: connection.id, table },
    { enabled: isAsked },
  );
  return (
    <section aria-label="Statements">
      <div className={classes.statementsHead}>
        <h3 className={classes.heading}>Statements</h3>
        {data && <span className="faint">as {data.source} prints them</span>}
        {data && <CopyTextButton text={data.text} iconSize={13} size="compact-xs" variant="default" />}
      </div>
      {!isAsked ? (
        <Button variant="default" leftSection={<IconCode size={15} />} onClick={() => setAsked(true)}>
          Show the statements
        </Button>
      ) : error ? (
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} compact />
      ) : isPending ? (
        <Loader size="sm" aria-label="Reading the statements" />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <section className={classes.pre} aria-label="Statements of the table" tabIndex={0}>
          <pre>{data.text}</pre>
        </section>
      )}
    </section>
  );
}
