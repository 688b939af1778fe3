/** What is made by itself, how long it is kept, and what a backup made now would take. */
import { Link } from 'react-router';
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
          <dd className="faint truncate" title={plan.folder}>
            {plan.tables !== null && `${plural(plan.tables, 'table')} · `}
            {shortPath(plan.folder)}
          </dd>
        )}
      </div>
      {settings && (
        <>
          <div>
            <dt>By itself</dt>
            <dd>Before applying: {by(settings.before_up, connection)}</dd>
            <dd className="dim">Before rolling back: {by(settings.before_down, connection)}</dd>
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

/** "on production only, so not here". */
function by(when: BackupSettings['before_up'], connection: Connection): string {
  if (when !== 'production') return whenWords(when);
  return connection.environment === 'production'
    ? 'always, it is production'
    : 'on production only, not here';
}

const isOwn = ({ backups }: Connection) => Object.values(backups ?? {}).some((value) => value !== null);
