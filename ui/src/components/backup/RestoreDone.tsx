/** After a restore: the proof, and the ways on. */
import { Button } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useConnectionName } from '../../api/backups';
import type { Connection, Restored } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { BackupLink } from './BackupLink';
import classes from './backup.module.css';
import { Proof } from './Proof';

interface Props {
  restored: Restored;
  connection: Connection;
  onClose(): void;
}

export function RestoreDone({ restored, connection, onClose }: Props) {
  const navigate = useNavigate();
  const made = restored.new_connection;
  const name = useConnectionName(made);
  const go = (path: string) => {
    onClose();
    navigate(path);
  };
  return (
    <>
      <Proof restored={restored} />
      <p className="dim">
        {restored.into === 'new' ? `It is in ${restored.database} now, with ` : `${restored.database} has `}
        {plural(restored.applied.length, 'migration')} applied.
        {restored.safety_backup_id && (
          <>
            {' '}
            What was there before is kept:{' '}
            <BackupLink connection={connection.id} id={restored.safety_backup_id} onOpen={onClose}>
              the backup of it
            </BackupLink>
            .
          </>
        )}
      </p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        {made ? (
          <Button rightSection={<IconArrowRight size={15} />} onClick={() => go(paths.landing(made))}>
            Open {name}
          </Button>
        ) : (
          restored.into === 'same' && (
            <Button
              rightSection={<IconArrowRight size={15} />}
              onClick={() => go(paths.migrations(connection.id))}
            >
              Migrations of {connection.name}
            </Button>
          )
        )}
      </div>
    </>
  );
}
