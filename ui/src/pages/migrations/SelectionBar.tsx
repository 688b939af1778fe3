/** What can be done with the chosen rows, with the target in every label. */
import { ActionIcon, Button } from '@mantine/core';
import { IconEye, IconPlayerPlayFilled, IconRotate2, IconX } from '@tabler/icons-react';
import type { Connection, Migration } from '../../api/types.generated';
import { askRun } from '../../components/run/ask';
import { formatCount } from '../../lib/format';
import classes from './migrations.module.css';

interface Props {
  connection: Connection;
  chosen: Migration[];
  onClear(): void;
}

export function SelectionBar({ connection, chosen, onClear }: Props) {
  if (chosen.length === 0) return null;
  const waiting = chosen.filter((one) => one.status !== 'applied');
  const applied = chosen.filter((one) => one.status === 'applied');
  const names = (migrations: Migration[]) => migrations.map((one) => one.filename);
  const seen = waiting.length > 0 ? waiting : applied.filter((one) => !one.flags.includes('missing_file'));
  const onLook = () =>
    askRun({
      channel: waiting.length > 0 ? 'migration:up' : 'migration:down',
      connection: connection.id,
      versions: names(seen),
      looking: true,
    });
  const isProduction = connection.environment === 'production';
  return (
    <div role="toolbar" aria-label="Chosen migrations" className={classes.selectionBar}>
      <span className="tabular">{formatCount(chosen.length)} chosen</span>
      {waiting.length > 0 && (
        <Button
          disabled={connection.read_only}
          color={isProduction ? 'red' : undefined}
          leftSection={<IconPlayerPlayFilled size={12} />}
          onClick={() =>
            askRun({
              channel: 'migration:up',
              connection: connection.id,
              versions: names(waiting),
              onEnd: (run) => run && onClear(),
            })
          }
        >
          Apply {formatCount(waiting.length)} chosen to {connection.name}
        </Button>
      )}
      {applied.length > 0 && (
        <Button
          variant="default"
          disabled={connection.read_only}
          leftSection={<IconRotate2 size={14} />}
          onClick={() =>
            askRun({
              channel: 'migration:down',
              connection: connection.id,
              versions: names(applied),
              onEnd: (run) => run && onClear(),
            })
          }
        >
          Roll back {formatCount(applied.length)} chosen on {connection.name}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconEye size={14} />}
        disabled={seen.length === 0}
        onClick={onLook}
      >
        Preview
      </Button>
      <ActionIcon aria-label="Choose none" onClick={onClear}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}
