/** How far the same files have come on each environment, from development to production. */
import {
  IconChevronRight,
  IconCircle,
  IconCircleCheck,
  IconCircleX,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import { Link } from 'react-router';
import type { ConnectionSummary } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { formatCount } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './home.module.css';

export function Environments({ rows }: { rows: ConnectionSummary[] }) {
  return (
    <ul className={classes.environments} aria-label="By environment">
      {rows.map((one, at) => (
        <li key={one.connection} className={classes.stop}>
          {at > 0 && <IconChevronRight size={14} className={classes.arrow} aria-hidden />}
          <Link className={classes.environment} to={paths.dashboard(one.connection)} title={one.name}>
            <EnvironmentTag environment={one.environment} />
            <State one={one} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function State({ one }: { one: ConnectionSummary }) {
  const { counts } = one;
  const [tone, Icon, words] = !counts
    ? (['gray', IconPlugConnectedX, one.looking ? 'asking…' : 'not known'] as const)
    : counts.failed > 0
      ? (['red', IconCircleX, `${formatCount(counts.failed)} failed`] as const)
      : counts.pending > 0
        ? (['amber', IconCircle, `${formatCount(counts.pending)} pending`] as const)
        : (['green', IconCircleCheck, formatCount(counts.applied)] as const);
  return (
    <span className={`tabular ${badges.badge} ${badges.plain} ${badges[tone]}`}>
      <Icon size={14} stroke={2} aria-hidden />
      {words}
      {tone === 'green' && <span className="visually-hidden"> applied, up to date</span>}
      {one.stale && <span className="faint"> (last seen)</span>}
    </span>
  );
}
