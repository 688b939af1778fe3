/** Whether a connection's server answers: filled, hollow red, or hollow grey while it is not known. */
import { Tooltip } from '@mantine/core';
import { useReachable } from '../api/connections';
import { formatDuration } from '../lib/format';
import classes from './badges.module.css';

interface Props {
  connection: string;
  enabled?: boolean;
}

export function ReachableDot({ connection, enabled = true }: Props) {
  const { data, error } = useReachable(connection, enabled);
  const [look, words] = error
    ? [
        classes.dotFailed,
        error.details.unlock === true ? 'Locked: it asks for its password' : `Not reachable: ${error.title}`,
      ]
    : data
      ? [classes.dotOk, `Reachable: ${data.product} ${data.version}, ${formatDuration(data.latency_ms)}`]
      : [classes.dotUnknown, 'Not asked yet'];
  return (
    <Tooltip label={words} position="right">
      <span role="img" aria-label={words} className={`${classes.dot} ${look}`} />
    </Tooltip>
  );
}
