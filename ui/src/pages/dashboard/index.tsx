/** How one connection stands: what is applied, what needs a look, what happened last. */
import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useCurrentConnection } from '../../api/connections';
import { useChannel } from '../../api/queries';
import type { Connection, DashboardReport } from '../../api/types.generated';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { paths } from '../../lib/paths';
import { AttentionList } from './AttentionList';
import { Banner } from './Banner';
import { Cards } from './Cards';
import classes from './dashboard.module.css';
import { FirstSteps } from './FirstSteps';
import { NextUp } from './NextUp';
import { Progress } from './Progress';
import { QuickActions } from './QuickActions';
import { Recent } from './Recent';

// What answers within this time is shown at once; what does not, as it was last seen, and `dashboard:changed` follows.
const WAIT_S = 0.6;

export default function DashboardPage() {
  const connection = useCurrentConnection();
  return connection ? (
    <Loaded key={connection.id} connection={connection} />
  ) : (
    <Page title="Dashboard">{null}</Page>
  );
}

function Loaded({ connection }: { connection: Connection }) {
  const navigate = useNavigate();
  const { data, error, refetch } = useChannel(
    'dashboard:show',
    { connection: connection.id, wait_s: WAIT_S },
    { staleTime: 0 },
  );
  return (
    <Page
      title="Dashboard"
      note={<span className="truncate">{connection.name}</span>}
      actions={
        <Button
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => navigate(paths.newMigration(connection.id))}
        >
          New migration
        </Button>
      }
    >
      {error && !data && (
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} />
      )}
      {!error && !data && <Loading />}
      {data && <Report connection={connection} report={data} onRetry={() => void refetch()} />}
    </Page>
  );
}

interface Props {
  connection: Connection;
  report: DashboardReport;
  onRetry(): void;
}

function Report({ connection, report, onRetry }: Props) {
  const { summary } = report;
  const { data: risks } = useChannel(
    'dashboard:risks',
    { connection: connection.id },
    { enabled: summary.reachable === true && report.pending.length > 0 },
  );
  const isNew = summary.counts?.total === 0 && report.recent.length === 0 && !summary.stale;
  return (
    <div className={classes.dashboard}>
      <Banner connection={connection} summary={summary} onRetry={onRetry} />
      {isNew ? (
        <FirstSteps connection={connection} />
      ) : (
        <>
          <Progress connection={connection} summary={summary} />
          <Cards connection={connection} report={report} />
          <div className={classes.columns}>
            <div className={classes.column}>
              <AttentionList connection={connection} summary={summary} risks={risks} drift={report.drift} />
              <NextUp connection={connection} report={report} risks={risks} />
            </div>
            <div className={classes.column}>
              <Recent connection={connection} report={report} />
              <QuickActions connection={connection} summary={summary} />
            </div>
          </div>
        </>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div className={classes.dashboard} role="status" aria-label="Reading the migrations">
      <Skeleton height={88} radius="lg" />
      <div className={classes.cards}>
        {['total', 'pending', 'failed', 'last', 'rate', 'time'].map((one) => (
          <Skeleton key={one} height={84} radius="lg" />
        ))}
      </div>
      <div className={classes.columns}>
        <Skeleton height={260} radius="lg" />
        <Skeleton height={260} radius="lg" />
      </div>
    </div>
  );
}
