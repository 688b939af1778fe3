/** Home: every database in a row: what is where, and why. */
import { Alert, Button, Skeleton } from '@mantine/core';
import { IconHistory, IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { isErrorShape } from '../../api/invoke';
import type { AllConnections, ConnectionSummary, ProjectSummary } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { newConnectionAsked } from '../../lib/asked';
import { formatCount, plural, shortPath } from '../../lib/format';
import { paths } from '../../lib/paths';
import { Environments } from './Environments';
import classes from './home.module.css';
import { Row } from './Row';
import { useAll } from './useAll';

export default function HomePage() {
  const navigate = useNavigate();
  const { data, error, refetch } = useAll();
  const count = data?.projects.reduce((sum, one) => sum + one.connections.length, 0) ?? 0;
  return (
    <Page
      title="Home"
      note={data && count > 0 && <span className="tabular">{plural(count, 'connection')}</span>}
      actions={
        <>
          {count > 0 && (
            <Button
              variant="default"
              leftSection={<IconHistory size={15} />}
              onClick={() => navigate(paths.timelineOfAll)}
            >
              Timeline of all
            </Button>
          )}
          <Button leftSection={<IconPlus size={15} />} onClick={() => newConnectionAsked.set('form')}>
            New connection
          </Button>
        </>
      }
    >
      {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!error && !data && (
        <div role="status" aria-label="Looking at the databases" className={classes.loading}>
          <Skeleton height={76} radius="lg" />
          <Skeleton height={220} radius="lg" />
        </div>
      )}
      {data?.problems.map((problem) => (
        <Alert key={problem} color="yellow" mb="md">
          {problem}
        </Alert>
      ))}
      {data && count === 0 && (
        <EmptyState
          icon={<IconPlugConnected size={22} stroke={1.7} />}
          title="No connections yet"
          actions={<Button onClick={() => newConnectionAsked.set('form')}>New connection</Button>}
        >
          A connection is a database and the folder with its migrations. Here all of them stand side by side.
        </EmptyState>
      )}
      {data && count > 0 && <All all={data} />}
    </Page>
  );
}

function All({ all }: { all: AllConnections }) {
  const shared = all.projects.filter((one) => one.connections.length > 1);
  const alone = all.projects.filter((one) => one.connections.length === 1).flatMap((one) => one.connections);
  return (
    <div className={classes.home}>
      <Totals rows={all.projects.flatMap((one) => one.connections)} />
      {shared.map((project) => (
        <SharedProject key={project.key} project={project} />
      ))}
      {alone.length > 0 && (
        <section aria-label={shared.length > 0 ? 'Other databases' : 'Databases'}>
          {shared.length > 0 && (
            <div className={classes.projectHead}>
              <h2>Other databases</h2>
            </div>
          )}
          <Rows rows={alone} />
        </section>
      )}
    </div>
  );
}

function SharedProject({ project }: { project: ProjectSummary }) {
  return (
    <section aria-label={project.name}>
      <div className={classes.projectHead}>
        <h2>{project.name}</h2>
        <span className="mono faint truncate" title={project.key}>
          {shortPath(project.key)}
        </span>
      </div>
      <div className={classes.card}>
        <Environments rows={project.connections} />
        <ul className={classes.rows}>
          {project.connections.map((one) => (
            <Row key={one.connection} one={one} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Rows({ rows }: { rows: ConnectionSummary[] }) {
  return (
    <ul className={`${classes.rows} ${classes.card}`}>
      {rows.map((one) => (
        <Row key={one.connection} one={one} />
      ))}
    </ul>
  );
}

/** The whole in four figures. */
function Totals({ rows }: { rows: ConnectionSummary[] }) {
  const sum = (key: 'total' | 'applied' | 'pending' | 'failed') =>
    rows.reduce((total, one) => total + (one.counts?.[key] ?? 0), 0);
  const locked = rows.filter(isLockedRow).length;
  const away = rows.filter((one) => one.reachable === false).length - locked;
  const asking = rows.filter((one) => one.reachable === null).length;
  const heed = rows.filter(needsAttention).length;
  const behind = rows.filter((one) => (one.counts?.pending ?? 0) > 0).length;
  return (
    <section className={classes.totals} aria-label="All together">
      <Total
        label="Reachable"
        value={`${rows.length - away - locked - asking} of ${rows.length}`}
        tone={away ? 'red' : undefined}
      >
        {asking > 0
          ? `asking ${plural(asking, 'database')}…`
          : away > 0
            ? `${formatCount(away)} not answering${locked ? `, ${formatCount(locked)} locked` : ''}`
            : locked > 0
              ? `${formatCount(locked)} locked`
              : 'every database answers'}
      </Total>
      <Total label="Pending" value={formatCount(sum('pending'))} tone={sum('pending') ? 'amber' : undefined}>
        {behind ? `on ${plural(behind, 'database')}` : 'all are up to date'}
      </Total>
      <Total label="Failed" value={formatCount(sum('failed'))} tone={sum('failed') ? 'red' : undefined}>
        {sum('failed') ? 'to be mended or retried' : 'none'}
      </Total>
      <Total label="Need attention" value={formatCount(heed)} tone={heed ? 'violet' : undefined}>
        {heed ? `of ${plural(rows.length, 'database')}` : 'nothing to do'}
      </Total>
    </section>
  );
}

/** Its password was not given yet: nothing is wrong with it. */
const isLockedRow = (one: ConnectionSummary) =>
  isErrorShape(one.problem) && one.problem.details?.unlock === true;

/** Not merely read-only: something to be done. */
const needsAttention = (one: ConnectionSummary) => one.attention.some((item) => item.kind !== 'read_only');

interface TotalProps {
  label: string;
  value: string;
  tone?: 'red' | 'amber' | 'violet';
  children: string;
}

function Total({ label, value, tone, children }: TotalProps) {
  return (
    <div className={classes.total}>
      <span className="dim">{label}</span>
      <span className={`tabular ${classes.totalValue}`} data-tone={tone}>
        {value}
      </span>
      <span className={`truncate faint ${classes.totalNote}`}>{children}</span>
    </div>
  );
}
