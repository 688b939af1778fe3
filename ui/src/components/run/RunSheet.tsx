/** What a run would do, before it does it: order, warnings, losses, what stands against it. Enter runs it. */
import { Button, Checkbox, Loader, Modal, NumberInput, TextInput } from '@mantine/core';
import { IconPlayerPlayFilled, IconRotate2 } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useConnections } from '../../api/connections';
import { isErrorShape, type Request } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import { startRun } from '../../api/runs';
import type { Connection } from '../../api/types.generated';
import { useStore } from '../../lib/store';
import { EnvironmentTag } from '../EnvironmentTag';
import { ErrorPanel } from '../ErrorPanel';
import { Kbd } from '../Kbd';
import { type RunQuestion, runAsked } from './ask';
import classes from './RunSheet.module.css';
import { BaselineView, PlanView } from './RunSheetPlan';
import { offerUndo } from './RunSheetUndo';
import { actionLabel } from './words';

export function RunSheetHost() {
  const question = useStore(runAsked);
  const { data } = useConnections();
  const connection = data?.connections.find((one) => one.id === question?.connection);
  if (!question || !connection) return null;
  return <RunSheet key={JSON.stringify(question)} question={question} connection={connection} />;
}

interface Props {
  question: RunQuestion;
  connection: Connection;
}

function RunSheet({ question, connection }: Props) {
  const [outOfOrder, setOutOfOrder] = useState(false);
  const [typed, setTyped] = useState('');
  const [many, setMany] = useState(question.count ?? 1);
  const asked: RunQuestion = question.asksCount ? { ...question, count: many } : question;
  const isBaseline = question.channel === 'migration:baseline';
  const {
    data: plan,
    error,
    isFetching,
    refetch,
  } = useChannel('migration:plan', planRequest(asked, outOfOrder), {
    enabled: !isBaseline,
    staleTime: 0,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  const close = () => runAsked.set(null);
  const count = plan?.migrations.length ?? question.versions?.length ?? 0;
  const asks = plan ? plan.needs_confirmation : isBaseline && connection.environment === 'production';
  const confirmed = !asks || typed.trim() === connection.name;
  const problems = ((plan?.problems ?? []) as unknown[]).filter(isErrorShape);
  const ready =
    !connection.read_only && confirmed && (isBaseline || (plan && problems.length === 0 && count > 0));
  const label = actionLabel(question, count, connection.name);
  const isDown = plan ? plan.direction === 'down' : question.channel === 'migration:down';
  const runButton = useRef<HTMLButtonElement>(null);
  const typing = useRef<HTMLInputElement>(null);
  const counting = useRef<HTMLInputElement>(null);
  const settled = isBaseline || plan !== undefined;
  // Once the plan is there, Enter runs it (or the name can be typed).
  useEffect(() => {
    if (settled && document.activeElement !== counting.current)
      (counting.current ?? typing.current ?? runButton.current)?.focus();
  }, [settled]);

  const run = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || isFetching) return;
    close();
    const request = runRequest(asked, outOfOrder, asks ? connection.name : undefined);
    void startRun(question.channel, request as Request<'migration:up'>).then((ended) => {
      if (ended) offerUndo(question, connection.name);
      question.onEnd?.(ended);
    });
  };

  return (
    <Modal
      opened
      onClose={close}
      size={600}
      yOffset="9vh"
      centered={false}
      title={<Title question={question} connection={connection} />}
      classNames={{ body: classes.body }}
    >
      <form onSubmit={run}>
        {error && (
          <ErrorPanel error={error} connection={connection.id} onRetry={() => void refetch()} compact />
        )}
        {!plan && !error && !isBaseline && (
          <div className={classes.loading}>
            <Loader /> Looking at what would run…
          </div>
        )}
        {question.asksCount && (
          <NumberInput
            mb="md"
            ref={counting}
            label="How many of the newest"
            value={many}
            min={1}
            max={99_999}
            clampBehavior="strict"
            allowDecimal={false}
            allowNegative={false}
            onFocus={(event) => event.currentTarget.select()}
            onChange={(value) => typeof value === 'number' && value >= 1 && setMany(value)}
            w={180}
          />
        )}
        {plan && (
          <PlanView plan={plan} problems={problems} question={question} onMended={() => void refetch()} />
        )}
        {isBaseline && <BaselineView question={question} />}
        {(outOfOrder || problems.some((one) => canPassOver(one, isDown))) && (
          <Checkbox
            mt="md"
            label={isDown ? 'Roll them back in this order anyway' : 'Run them out of order anyway'}
            description={
              isDown
                ? 'What was applied last goes first; what stays may rely on what goes.'
                : 'The tool applies them now, after newer ones. Other databases may have had them in another order.'
            }
            checked={outOfOrder}
            onChange={(event) => setOutOfOrder(event.currentTarget.checked)}
          />
        )}
        {asks && problems.length === 0 && (
          <TextInput
            mt="md"
            label={
              <>
                Type <code className={classes.word}>{connection.name}</code> to go on
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            ref={typing}
          />
        )}
        <div className={classes.buttons}>
          <span className={classes.keys}>
            {ready && (
              <>
                <Kbd keys="enter" /> to run
              </>
            )}
            <Kbd keys="escape" /> to close
          </span>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={asks || isDown ? 'red' : undefined}
            disabled={!ready}
            loading={isFetching && Boolean(plan)}
            leftSection={
              isDown && !isBaseline ? <IconRotate2 size={14} /> : <IconPlayerPlayFilled size={12} />
            }
            ref={runButton}
          >
            {count > 0 ? label : 'Nothing to run'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

const TITLES: Record<RunQuestion['channel'], string> = {
  'migration:up': 'Apply to',
  'migration:down': 'Roll back on',
  'migration:retry': 'Retry on',
  'migration:redo': 'Roll back and apply again on',
  'migration:baseline': 'Mark as applied on',
  'migration:resume': 'Resume on',
};

const titleOf = ({ channel, mark }: RunQuestion) =>
  channel === 'migration:baseline' && mark === 'not_applied' ? 'Mark as not applied on' : TITLES[channel];

function Title({ question, connection }: Props) {
  return (
    <span className={classes.title}>
      {titleOf(question)} {connection.name}
      <EnvironmentTag environment={connection.environment} />
    </span>
  );
}

/** Whether the box below lets the run go on in spite of it. */
const canPassOver = ({ code, details }: { code: string; details?: unknown }, isDown: boolean) =>
  code === 'out_of_order' || (isDown && (details as { reason?: string })?.reason === 'missing_file_above');

function planRequest(question: RunQuestion, outOfOrder: boolean): Request<'migration:plan'> {
  const { channel, versions, to, count, connection } = question;
  const isDown =
    channel === 'migration:down' || channel === 'migration:redo' || question.direction === 'down';
  return {
    connection,
    direction: isDown ? 'down' : 'up',
    versions,
    to,
    count,
    allow_out_of_order: outOfOrder,
  };
}

function runRequest(question: RunQuestion, outOfOrder: boolean, confirm: string | undefined) {
  const { versions, to, count } = question;
  const order = outOfOrder ? { allow_out_of_order: true } : {};
  const base = { connection: question.connection, ...(confirm ? { confirm } : {}) };
  switch (question.channel) {
    case 'migration:redo':
      return { ...base, version: versions?.[0], ...order };
    case 'migration:retry':
      return { ...base, versions, ...order };
    case 'migration:resume':
      return { ...base, run_id: question.runId ?? '', ...order };
    case 'migration:baseline':
      return { ...base, versions, mark: question.mark ?? 'applied' };
    default: {
      const given = Object.fromEntries(
        Object.entries({ versions, to, count }).filter(([, value]) => value !== undefined),
      );
      return { ...base, ...given, ...order };
    }
  }
}
