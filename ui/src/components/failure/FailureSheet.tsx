/** What happened to a migration that failed, and what now: the statements with what became of each, and the ways out. */
import { Drawer, Loader } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useConnections } from '../../api/connections';
import { isErrorShape } from '../../api/invoke';
import { refresh, useChannel } from '../../api/queries';
import type { Connection, Failure, Repaired } from '../../api/types.generated';
import { formatExact } from '../../lib/format';
import { useStore } from '../../lib/store';
import { EnvironmentTag } from '../EnvironmentTag';
import { ErrorPanel } from '../ErrorPanel';
import { nameOf } from '../overview/words';
import { RelativeTime } from '../RelativeTime';
import { type FailureQuestion, failureAsked } from './ask';
import classes from './failure.module.css';
import { Left } from './Left';
import { RepairedView } from './RepairedView';
import { Statements } from './Statements';
import { Ways } from './Ways';
import { titleOf } from './words';

/** What the error would offer, and this sheet is or hides. */
const HERE = ['show_failure', 'open_migrations'];

export function FailureSheetHost() {
  const question = useStore(failureAsked);
  const { data } = useConnections();
  const connection = data?.connections.find((one) => one.id === question?.connection);
  if (!question || !connection) return null;
  return <FailureSheet key={question.version} question={question} connection={connection} />;
}

function FailureSheet({ question, connection }: { question: FailureQuestion; connection: Connection }) {
  const client = useQueryClient();
  const [repaired, setRepaired] = useState<Repaired | null>(null);
  const asked = { connection: connection.id, version: question.version };
  const { data, error, refetch, isFetching } = useChannel('failure:show', asked, {
    staleTime: 0,
    gcTime: 0,
    enabled: repaired === null,
  });
  const close = () => failureAsked.set(null);
  const done = (answer: Repaired) => {
    setRepaired(answer);
    question.onEnd?.();
    void refresh(client, ['migration:', 'schema:', 'dashboard:show', 'timeline:', 'history:', 'backup:']);
  };
  return (
    <Drawer
      data-buttons-below
      opened
      onClose={close}
      position="right"
      size="min(760px, 94vw)"
      title={
        <span className={classes.title}>
          <span>
            What happened to {nameOf(data?.filename ?? question.version)} on {connection.name}
          </span>
          <EnvironmentTag environment={connection.environment} />
        </span>
      }
      closeButtonProps={{ 'aria-label': 'Close the sheet' }}
      classNames={{ content: classes.drawer, body: classes.drawerBody }}
      attributes={{ content: { 'data-production': connection.environment === 'production' || undefined } }}
    >
      {error && (
        <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} compact />
      )}
      {!data && !error && (
        <p className={classes.reading} role="status">
          <Loader aria-hidden /> Comparing what is there with what was there before…
        </p>
      )}
      {data && repaired === null && (
        <>
          <Summary failure={data} isFetching={isFetching} />
          {isErrorShape(data.error) && (
            <ErrorPanel error={data.error} connection={connection.id} without={HERE} saysData compact />
          )}
          {data.statements.length > 0 && <Statements statements={data.statements} />}
          <Left failure={data} />
          <Ways connection={connection} failure={data} onDone={done} onClose={close} />
        </>
      )}
      {repaired && (
        <RepairedView
          connection={connection}
          repaired={repaired}
          onMore={() => setRepaired(null)}
          onClose={close}
        />
      )}
    </Drawer>
  );
}

function Summary({ failure, isFetching }: { failure: Failure; isFetching: boolean }) {
  return (
    <section
      className={classes.summary}
      data-partial={failure.partial || undefined}
      aria-label="What is true now"
    >
      <div className={classes.summaryLine}>
        <strong>{titleOf(failure)}</strong>
        {failure.at && (
          <span className="dim">
            <RelativeTime at={failure.at} />, {formatExact(failure.at)}
          </span>
        )}
        {isFetching && <Loader size={12} aria-label="Looking again" />}
      </div>
      <p>{failure.summary}</p>
    </section>
  );
}
