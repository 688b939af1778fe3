/** The timeline of one connection, or of all: what happened, newest first, by day. */
import { Button, Loader } from '@mantine/core';
import { IconFilterOff, IconHistory, IconStack2 } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { useConnections } from '../../api/connections';
import { isErrorShape } from '../../api/invoke';
import type { Connection } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { useCommands } from '../../lib/commands';
import { formatCount, plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { Bar } from './Bar';
import { Density } from './Density';
import { Details } from './Details';
import { EventList } from './EventList';
import { Search } from './Search';
import classes from './timeline.module.css';
import { useTimeline } from './useTimeline';
import { isoOf, isZoomed, readZoom, writeZoom, type Zoom } from './zoom';

export default function TimelinePage() {
  const { connection: id } = useParams();
  const { data } = useConnections();
  const connection = data?.connections.find((one) => one.id === id) ?? null;
  if (id && !connection) return <Page title="Timeline">{null}</Page>;
  return <Timeline key={id ?? ''} connection={connection} />;
}

function Timeline({ connection }: { connection: Connection | null }) {
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const search = useRef<HTMLInputElement>(null);
  const address = params.toString();
  const zoom = useMemo(() => readZoom(new URLSearchParams(address)), [address]);
  // The same object while nothing it holds changes: opening the details is no other timeline.
  const { from, to, author, query } = zoom;
  const groups = zoom.groups.join();
  const shown = useMemo<Zoom>(
    () => ({ from, to, author, query, groups: groups ? groups.split(',') : [] }),
    [from, to, author, query, groups],
  );
  const { overview, layout, eventOf, see, error } = useTimeline(connection?.id ?? null, shown);
  const today = isoOf(new Date());
  const data = overview.data;

  // The address may lag behind what was chosen a moment ago; the next choice builds on that, not on the address.
  const latest = useRef(params);
  useEffect(() => {
    latest.current = params;
  }, [params]);
  const go = (after: URLSearchParams, replace: boolean) => {
    latest.current = after;
    setParams(after, { replace, preventScrollReset: true });
  };
  const change = (part: Partial<Zoom>) =>
    go(writeZoom({ ...readZoom(latest.current), ...part }, latest.current), true);
  const open = (event: string | null) => {
    const after = new URLSearchParams(latest.current);
    if (event) after.set('event', event);
    else after.delete('event');
    go(after, false);
  };
  useCommands([
    {
      id: 'find-event',
      label: 'Search the timeline',
      group: 'Timeline',
      keys: '/',
      run: () => search.current?.focus(),
    },
  ]);

  const zoomed = isZoomed(zoom);
  const isEmpty = data !== undefined && layout.events === 0;
  const clear = () => change({ from: null, to: null, groups: [], author: null, query: '' });
  return (
    <Page
      title="Timeline"
      width="full"
      note={
        data && (
          <span className="tabular">
            {zoomed ? `${formatCount(layout.events)} of what happened` : plural(layout.events, 'event')}
          </span>
        )
      }
      actions={
        <>
          <Search
            query={zoom.query}
            searchRef={search}
            onChange={(words) => change({ query: words })}
            onLeave={() => document.querySelector<HTMLElement>(`.${classes.scroller}`)?.focus()}
          />
          {connection && (
            <Button
              variant="default"
              leftSection={<IconStack2 size={15} stroke={1.8} />}
              onClick={() => navigate(paths.timelineOfAll + filtersOf(params))}
            >
              All connections
            </Button>
          )}
        </>
      }
      bar={<Bar zoom={zoom} today={today} authors={data?.authors ?? []} onChange={change} />}
    >
      {error && !data && (
        <div className={classes.padded}>
          <ErrorPanel error={error} connection={connection?.id} onRetry={() => void overview.refetch()} />
        </div>
      )}
      {!data && !error && (
        <div className={classes.loading}>
          <Loader aria-label="Reading the timeline" />
        </div>
      )}
      {data && isErrorShape(data.problem) && connection && (
        <div className={classes.padded}>
          <ErrorPanel
            error={data.problem}
            connection={connection.id}
            onRetry={() => void overview.refetch()}
            compact
          />
          <p className={`dim ${classes.problemNote}`}>
            What DB Toolkit itself ran is shown; what other tools did is in the database.
          </p>
        </div>
      )}
      {data?.first_day && (
        <Density
          days={data.days}
          first={data.first_day}
          last={data.last_day && data.last_day > today ? data.last_day : today}
          zoom={zoom}
          onChange={change}
        />
      )}
      {isEmpty &&
        (zoomed ? (
          <EmptyState
            icon={<IconFilterOff size={22} />}
            title="Nothing matches"
            actions={
              <Button variant="default" onClick={clear}>
                Show everything
              </Button>
            }
          >
            Nothing happened in this range that matches the filters.
          </EmptyState>
        ) : (
          <EmptyState
            icon={<IconHistory size={22} stroke={1.7} />}
            title="Nothing has happened yet"
            actions={
              connection && (
                <Button onClick={() => navigate(paths.migrations(connection.id))}>
                  Migrations of {connection.name}
                </Button>
              )
            }
          >
            Every run stands here with its files, its time and who did it, as soon as something is applied or
            rolled back.
          </EmptyState>
        ))}
      {data && !isEmpty && (
        <EventList
          layout={layout}
          eventOf={eventOf}
          see={see}
          today={today}
          longestMs={data.longest_ms}
          ofAll={connection === null}
          onOpen={open}
        />
      )}
      <Details id={params.get('event')} onClose={() => open(null)} />
    </Page>
  );
}

/** The filters go along to the other timeline; the open event does not. */
function filtersOf(params: URLSearchParams): string {
  const kept = writeZoom(readZoom(params), new URLSearchParams());
  return kept.size > 0 ? `?${kept}` : '';
}
