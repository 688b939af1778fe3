/** After a way out was taken: what the database says now. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { Connection, Repaired } from '../../api/types.generated';
import { paths } from '../../lib/paths';
import { BackupLink } from '../backup/BackupLink';
import classes from './failure.module.css';
import { Statements } from './Statements';

interface Props {
  connection: Connection;
  repaired: Repaired;
  /** Something is still left: the ways out again. */
  onMore(): void;
  onClose(): void;
}

export function RepairedView({ connection, repaired, onMore, onClose }: Props) {
  const navigate = useNavigate();
  const isClean = repaired.ok && repaired.left.length === 0;
  const Icon = isClean ? IconCircleCheck : IconAlertTriangle;
  return (
    <>
      <section
        className={`${classes.result} ${isClean ? classes.green : classes.red}`}
        aria-label="What became of it"
      >
        <Icon size={18} stroke={2} aria-hidden />
        <div role="status">
          <strong>
            {isClean ? 'Done' : repaired.ok ? 'Done, and something is left' : 'It did not work out'}
          </strong>
          <p>{repaired.says}</p>
        </div>
      </section>
      {repaired.left.length > 0 && (
        <section aria-label="Still there">
          <h3 className={classes.heading}>Still in the database</h3>
          <ul className={`mono ${classes.plain}`}>
            {repaired.left.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </section>
      )}
      {repaired.statements.length > 0 && !repaired.ok && <Statements statements={repaired.statements} />}
      {repaired.backup_id && (
        <p>
          What was there before it is kept:{' '}
          <BackupLink connection={connection.id} id={repaired.backup_id} onOpen={onClose}>
            the backup
          </BackupLink>
          .
        </p>
      )}
      <div className={classes.buttons}>
        {repaired.run_id && (
          <Button
            variant="default"
            onClick={() => {
              onClose();
              navigate(paths.run(connection.id, repaired.run_id ?? ''));
            }}
          >
            Show the record
          </Button>
        )}
        {!isClean && (
          <Button variant="default" onClick={onMore}>
            Look again
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </>
  );
}
