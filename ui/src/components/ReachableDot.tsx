/** Whether a connection's server answers: filled, hollow red, or hollow grey while it is not known. */
import { Tooltip } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useReachable } from '../api/connections';
import { formatDuration } from '../lib/format';
import { isLocked } from '../lib/locked';
import classes from './badges.module.css';

interface Props {
  connection: string;
  enabled?: boolean;
}

export function ReachableDot({ connection, enabled = true }: Props) {
  const { data, error } = useReachable(connection, enabled);
  if (error && isLocked(error)) {
    return (
      <Tooltip label="Locked: it asks for its password" position="right">
        <IconLock size={13} className="faint" role="img" aria-label="Locked: it asks for its password" />
      </Tooltip>
    );
  }
  const [look, words] = error
    ? [classes.dotFailed, `Not reachable: ${error.title}`]
    : data
      ? [classes.dotOk, `Reachable: ${data.product} ${data.version}, ${formatDuration(data.latency_ms)}`]
      : [classes.dotUnknown, 'Not asked yet'];
  return (
    <Tooltip label={words} position="right">
      <span role="img" aria-label={words} className={`${classes.dot} ${look}`} />
    </Tooltip>
  );
}
