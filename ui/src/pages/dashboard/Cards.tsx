/** The figures. Those that are about files lead to them. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Connection, DashboardReport, SuccessRate } from '../../api/types.generated';
import { EventBadge } from '../../components/overview/EventIcon';
import { formatRate, statusOfRun } from '../../components/overview/words';
import { RelativeTime } from '../../components/RelativeTime';
import { formatCount, formatDuration, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

export function Cards({ connection, report }: { connection: Connection; report: DashboardReport }) {
  const { summary } = report;
  const { counts, last_run: lastRun } = summary;
  const list = paths.migrations(connection.id);
  const number = (value: number | undefined) => (value === undefined ? '–' : formatCount(value));
  return (
    <section className={classes.cards} aria-label="Figures" data-stale={summary.stale || undefined}>
      <Card label="Total" value={number(counts?.total)} to={list}>
        {counts ? `${formatCount(counts.applied)} applied` : 'Not known'}
      </Card>
      <Card
        label="Pending"
        value={number(counts?.pending)}
        tone={counts?.pending ? 'amber' : undefined}
        to={`${list}?status=pending`}
      >
        {counts?.pending ? 'waiting to be applied' : 'nothing is waiting'}
      </Card>
      <Card
        label="Failed"
        value={number(counts?.failed)}
        tone={counts?.failed ? 'red' : undefined}
        to={`${list}?status=failed`}
      >
        {counts?.failed ? 'mend or retry' : 'none'}
      </Card>
      <Card
        label="Last run"
        value={lastRun ? <RelativeTime at={lastRun.started_at} /> : 'Never'}
        isText
        to={lastRun ? `${paths.timeline(connection.id)}?event=${lastRun.run_id}` : undefined}
      >
        {lastRun ? <EventBadge status={statusOfRun(lastRun)} plain /> : 'not from here'}
      </Card>
      <Card label="Success rate" value={report.migrations_rate ? formatRate(report.migrations_rate) : '–'}>
        {rateWords(report.migrations_rate, report.rollbacks_rate)}
      </Card>
      <Card label="Average time" value={formatDuration(report.average_ms) ?? '–'}>
        {report.slowest_ms === null ? 'none measured' : `slowest ${formatDuration(report.slowest_ms)}`}
      </Card>
    </section>
  );
}

function rateWords(migrations: SuccessRate | null, rollbacks: SuccessRate | null): string {
  if (!migrations) return rollbacks ? `rollbacks ${formatRate(rollbacks)}` : 'none tried yet';
  return rollbacks
    ? `rollbacks ${formatRate(rollbacks)}`
    : `${formatCount(migrations.good)} of ${plural(migrations.total, 'file')}`;
}

interface CardProps {
  label: string;
  value: ReactNode;
  tone?: 'amber' | 'red';
  /** Words rather than a number: a little smaller. */
  isText?: boolean;
  to?: string;
  children: ReactNode;
}

function Card({ label, value, tone, isText = false, to, children }: CardProps) {
  const content = (
    <>
      <span className={classes.cardLabel}>{label}</span>
      <span className={`tabular ${classes.cardValue}`} data-tone={tone} data-text={isText || undefined}>
        {value}
      </span>
      <span className={`truncate ${classes.cardNote}`}>{children}</span>
    </>
  );
  return to ? (
    <Link to={to} className={classes.card}>
      {content}
    </Link>
  ) : (
    <div className={classes.card}>{content}</div>
  );
}
