/** One table beside something else: its details, read when it is opened, with a way to close them. */
import { ActionIcon, Button, Loader, Tooltip } from '@mantine/core';
import { IconArrowsMaximize, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useChannel } from '../../../api/queries';
import type { Connection } from '../../../api/types.generated';
import { ErrorPanel } from '../../../components/ErrorPanel';
import { nameOf } from '../names';
import { tableAddress } from './address';
import { Details } from './Details';
import classes from './tables.module.css';

interface Props {
  connection: Connection;
  table: string;
  onClose(): void;
  onOpen(table: string): void;
}

export function TablePanel({ connection, table, onClose, onOpen }: Props) {
  const { data, error, refetch } = useChannel('schema:describe', {
    connection: connection.id,
    tables: [table],
  });
  const found = data?.tables[0];
  const name = nameOf(table, data?.default_schema);
  return (
    <aside
      className={classes.panel}
      aria-label={`Details of ${name}`}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <header className={classes.panelHead}>
        <h2 className="truncate">{name}</h2>
        <Tooltip label="Open in Tables">
          <ActionIcon
            component={Link}
            to={tableAddress(connection.id, table)}
            variant="subtle"
            color="gray"
            aria-label="Open in Tables"
          >
            <IconArrowsMaximize size={15} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the details" onClick={onClose}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      {error ? (
        <div className={classes.panelBody}>
          <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} compact />
        </div>
      ) : !data ? (
        <div className={classes.center}>
          <Loader aria-label={`Reading ${name}`} />
        </div>
      ) : found ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <section className={classes.panelBody} tabIndex={0} aria-label={name}>
          <Details
            connection={connection}
            table={found}
            defaultSchema={data.default_schema}
            onOpen={onOpen}
            narrow
          />
        </section>
      ) : (
        <div className={classes.panelBody}>
          <p>It is not there any more.</p>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </div>
      )}
    </aside>
  );
}
