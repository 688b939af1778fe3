/** When, why, from where and by what. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { BackupListed, Connection } from '../../api/types.generated';
import { meaningOf } from '../../components/backup/StateBadge';
import { reasonWord } from '../../components/backup/words';
import { OutcomeBadge } from '../../components/OutcomeBadge';
import { formatBytes, formatDuration, formatExact } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './backups.module.css';

export function Facts({ connection, backup }: { connection: Connection; backup: BackupListed }) {
  const who = [backup.author, `on ${backup.host}`].filter(Boolean).join(' ');
  return (
    <dl className={classes.facts}>
      <Fact name="When">{formatExact(backup.created_at)}</Fact>
      <Fact name="Why">
        {reasonWord(backup.reason)}
        {backup.run_id && (
          <>
            {' · '}
            <Link to={paths.run(connection.id, backup.run_id)}>the run</Link>{' '}
            {backup.run_state && <OutcomeBadge outcome={backup.run_state} plain />}
          </>
        )}
      </Fact>
      <Fact name="Database">
        {backup.database} <span className="dim">{backup.server}</span>
      </Fact>
      <Fact name="Size">
        {formatBytes(backup.size_bytes)}{' '}
        <span className="dim">made in {formatDuration(backup.duration_ms)}</span>
      </Fact>
      <Fact name="Written by">
        {backup.tool} <span className="dim">({backup.format})</span>
      </Fact>
      <Fact name="Made by">{who}</Fact>
      {backup.state !== 'damaged' && (
        <Fact name="State" wide>
          {meaningOf(backup)}
        </Fact>
      )}
      {backup.kept_because.length > 0 && (
        <Fact name="Kept because" wide>
          {backup.kept_because.join(' ')}
        </Fact>
      )}
      {backup.migrations.length > 0 && (
        <Fact name={backup.reason === 'before_down' ? 'Before rolling back' : 'Before applying'} wide>
          <Files connection={connection.id} names={backup.migrations} />
        </Fact>
      )}
    </dl>
  );
}

const SHOWN = 6;

function Files({ connection, names }: { connection: string; names: string[] }) {
  return (
    <ul className={classes.plainList}>
      {names.slice(0, SHOWN).map((name) => (
        <li key={name} className="truncate">
          <Link className="mono" to={paths.editor(connection, name)} title={name}>
            {name}
          </Link>
        </li>
      ))}
      {names.length > SHOWN && <li className="dim">and {names.length - SHOWN} more</li>}
    </ul>
  );
}

function Fact({ name, wide, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? classes.wide : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
