/** What is made by itself, how long it is kept, and what a backup made now would take. */
import { Link } from 'react-router';
import { isDue } from '../../api/backups';
import type { ChannelError } from '../../api/invoke';
import type { BackupPlan, BackupSettings, Connection } from '../../api/types.generated';
import { keptWords, planWords, whenWords } from '../../components/backup/words';
import { plural, shortPath } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './backups.module.css';

interface Props {
  connection: Connection;
  plan: BackupPlan | undefined;
  error: ChannelError | null;
  /** Why the engine has no backups at all. */
  cannot: string | null;
  settings: BackupSettings | undefined;
}

export function Standing({ connection, plan, error, cannot, settings }: Props) {
  return (
    <dl className={classes.standing}>
      <div>
        <dt>A backup made now</dt>
        <dd className={plan?.possible === false || cannot ? classes.problem : undefined}>
          {cannot ? 'Not possible' : <Now plan={plan} error={error} />}
        </dd>
        {plan && !cannot && (
          <dd className="faint truncate" title={`Into ${plan.folder}`}>
            {[plan.tool, plan.tables !== null && plural(plan.tables, 'table')].filter(Boolean).join(' · ') ||
              shortPath(plan.folder)}
          </dd>
        )}
      </div>
      {settings && (
        <>
          <div>
            <dt>By itself</dt>
            <dd>{dueWords(settings, connection)}</dd>
            <dd className="dim">{setWords(settings)}</dd>
          </div>
          <div>
            <dt>Kept</dt>
            <dd>{keptWords(settings)}</dd>
            <dd className="dim">
              <Link to={paths.backupSettings(connection.id)}>
                {isOwn(connection)
                  ? `${connection.name} has settings of its own`
                  : 'As the app’s settings say'}
              </Link>
            </dd>
          </div>
        </>
      )}
    </dl>
  );
}

function Now({ plan, error }: { plan: BackupPlan | undefined; error: ChannelError | null }) {
  if (error) return <>{error.message}</>;
  if (!plan) return <>…</>;
  return <>{plan.possible ? planWords(plan) : (plan.problem ?? 'Not possible')}</>;
}

/** Before what a backup is made on this connection. */
function dueWords(settings: BackupSettings, connection: Connection): string {
  const up = isDue(settings, connection, 'up');
  const down = isDue(settings, connection, 'down');
  if (up && down) return 'Before applying and rolling back';
  if (!up && !down) return 'Never here';
  return up ? 'Before applying' : 'Before rolling back';
}

/** What is set: one word where both are the same. */
const setWords = ({ before_up: up, before_down: down }: BackupSettings) =>
  up === down ? `Set to: ${whenWords(up)}` : `Set to: ${whenWords(up)} and ${whenWords(down)}`;

const isOwn = ({ backups }: Connection) => Object.values(backups ?? {}).some((value) => value !== null);
