/** What one does most, with the target in the label. */
import { Button } from '@mantine/core';
import {
  IconChartBar,
  IconDatabase,
  IconFileDownload,
  IconPlayerPlay,
  IconPlus,
  IconRotate2,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/actions';
import { useEngine } from '../../api/connections';
import type { Connection, ConnectionSummary } from '../../api/types.generated';
import { notifySuccess } from '../../components/notify';
import { askRun } from '../../components/run/ask';
import { formatCount, shortPath } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

const ICON = { size: 15, stroke: 1.8 };

export function QuickActions({
  connection,
  summary,
}: {
  connection: Connection;
  summary: ConnectionSummary;
}) {
  const navigate = useNavigate();
  const engine = useEngine(connection.engine);
  const dump = useAction('schema:dump', {
    onSuccess: () =>
      notifySuccess('The schema file is written', shortPath(connection.schema_file), {
        to: `${paths.database(connection.id)}?tab=file`,
      }),
  });
  const due = (summary.counts?.pending ?? 0) + (summary.counts?.failed ?? 0);
  const canWrite = !connection.read_only && summary.reachable === true;
  const schemaFile = connection.schema_file.split(/[\\/]/).at(-1) ?? 'schema.sql';
  return (
    <section className={classes.panel} aria-label="Quick actions">
      <div className={classes.panelHead}>
        <h2>Quick actions</h2>
      </div>
      <div className={classes.quickActions}>
        {due > 0 && (
          <Button
            variant="default"
            justify="flex-start"
            disabled={!canWrite}
            leftSection={<IconPlayerPlay {...ICON} />}
            onClick={() => askRun({ channel: 'migration:up', connection: connection.id })}
          >
            Apply all {formatCount(due)} to {connection.name}…
          </Button>
        )}
        {(summary.counts?.applied ?? 0) > 0 && (
          <Button
            variant="default"
            justify="flex-start"
            disabled={!canWrite}
            leftSection={<IconRotate2 {...ICON} />}
            onClick={() => askRun({ channel: 'migration:down', connection: connection.id, count: 1 })}
          >
            Roll back the last on {connection.name}…
          </Button>
        )}
        <Button
          variant="default"
          justify="flex-start"
          leftSection={<IconPlus {...ICON} />}
          onClick={() => navigate(paths.newMigration(connection.id))}
        >
          Write a migration for {connection.name}
        </Button>
        {engine?.capabilities.dump_schema?.supported && (
          <Button
            variant="default"
            justify="flex-start"
            disabled={summary.reachable !== true}
            loading={dump.isPending}
            leftSection={<IconFileDownload {...ICON} />}
            onClick={() => dump.mutate({ connection: connection.id })}
          >
            Write {schemaFile} from {connection.name}
          </Button>
        )}
        <Button
          variant="default"
          justify="flex-start"
          leftSection={<IconDatabase {...ICON} />}
          onClick={() => navigate(paths.tables(connection.id))}
        >
          Look at the {connection.engine === 'mongodb' ? 'collections' : 'tables'}
        </Button>
        <Button
          variant="default"
          justify="flex-start"
          leftSection={<IconChartBar {...ICON} />}
          onClick={() => navigate(paths.timeline(connection.id))}
        >
          See what happened
        </Button>
      </div>
    </section>
  );
}
