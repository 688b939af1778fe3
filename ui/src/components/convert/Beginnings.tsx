/** How an empty list of migrations can begin: a new one, the database that is there, or another tool's folder. */
import { Button } from '@mantine/core';
import { IconArrowsExchange, IconDatabaseExport } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Connection } from '../../api/types.generated';
import { paths } from '../../lib/paths';
import { BaselineDialog } from './BaselineDialog';

export function Beginnings({ connection, children }: { connection: Connection; children: ReactNode }) {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  if (connection.tool !== 'dbmate') return children;
  return (
    <>
      {children}
      <Button
        variant="default"
        leftSection={<IconDatabaseExport size={15} />}
        disabled={connection.read_only}
        onClick={() => setOpen(true)}
      >
        Start from the existing database
      </Button>
      <Button
        variant="default"
        leftSection={<IconArrowsExchange size={15} />}
        onClick={() => navigate(`${paths.newMigration(connection.id)}?template=@convert`)}
      >
        From another tool
      </Button>
      {isOpen && <BaselineDialog connection={connection} onClose={() => setOpen(false)} />}
    </>
  );
}
