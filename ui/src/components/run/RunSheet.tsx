/** What a run would do, before it does it: order, warnings, losses, what stands against it. Enter runs it. */
import { Button, Checkbox, Loader, Modal, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPlayerPlayFilled, IconRotate2 } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useConnections } from '../../api/connections';
import { type ErrorShape, isErrorShape, type Request } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import { startRun } from '../../api/runs';
import type { Connection, FileProblem, Migration, Plan } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { useStore } from '../../lib/store';
import { EnvironmentTag } from '../EnvironmentTag';
import { ErrorPanel } from '../ErrorPanel';
import { FlagBadge } from '../FlagBadge';
import { Kbd } from '../Kbd';
import { StatusBadge } from '../StatusBadge';
import { type RunQuestion, runAsked } from './ask';
import { PlanFindings } from './PlanFindings';
import classes from './RunSheet.module.css';
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
  const isBaseline = question.channel === 'migration:baseline';
  const {
    data: plan,
    error,
    isFetching,
    refetch,
  } = useChannel('migration:plan', planRequest(question, outOfOrder), {
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
  const runButton = useRef<HTMLButtonElement>(null);
  const typing = useRef<HTMLInputElement>(null);
  const settled = isBaseline || plan !== undefined;
  // Once the plan is there, Enter runs it (or the name can be typed).
  useEffect(() => {
    if (settled) (typing.current ?? runButton.current)?.focus();
  }, [settled]);

  const run = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || isFetching) return;
    close();
    const request = runRequest(question, outOfOrder, asks ? connection.name : undefined);
    void startRun(question.channel, request as Request<'migration:up'>).then((ended) =>
      question.onEnd?.(ended),
    );
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
        {plan && <PlanView plan={plan} problems={problems} connection={connection} />}
        {isBaseline && <BaselineView question={question} />}
        {(outOfOrder || problems.some((one) => one.code === 'out_of_order')) && (
          <Checkbox
            mt="md"
            label="Run them out of order anyway"
            description="The tool applies them now, after newer ones. Other databases may have had them in another order."
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
            color={asks || question.channel === 'migration:down' ? 'red' : undefined}
            disabled={!ready}
            loading={isFetching && Boolean(plan)}
            leftSection={
              question.channel === 'migration:down' ? (
                <IconRotate2 size={14} />
              ) : (
                <IconPlayerPlayFilled size={12} />
              )
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

function PlanView({
  plan,
  problems,
  connection,
}: {
  plan: Plan;
  problems: ErrorShape[];
  connection: Connection;
}) {
  if (plan.migrations.length === 0)
    return (
      <p className={classes.nothing}>
        There is nothing to {plan.direction === 'up' ? 'apply' : 'roll back'}.
      </p>
    );
  return (
    <>
      {problems.map((problem) => (
        <div key={problem.code + problem.message} className={classes.problem}>
          <ErrorPanel
            error={problem}
            connection={connection.id}
            actions={<OpenFile problem={problem} connection={connection.id} />}
            compact
          />
        </div>
      ))}
      {plan.losses.length > 0 && <Note tone="red" title="What would be lost" lines={plan.losses} />}
      {plan.warnings.length > 0 && <Note tone="amber" title="Worth knowing" lines={plan.warnings} />}
      <PlanFindings plan={plan} connection={connection.id} />
      <Files migrations={plan.migrations} direction={plan.direction} />
    </>
  );
}

/** The first file that stands against the run, at the line that does. */
function OpenFile({ problem, connection }: { problem: ErrorShape; connection: string }) {
  const navigate = useNavigate();
  const { files, problems } = (problem.details ?? {}) as { files?: string[]; problems?: FileProblem[] };
  const [file] = files ?? [];
  const line = problems?.[0]?.line;
  if (!file) return null;
  const open = () => {
    runAsked.set(null);
    navigate(`${paths.editor(connection, file)}${line ? `?line=${line}` : ''}`);
  };
  return (
    <Button variant="default" onClick={open}>
      Open {file}
    </Button>
  );
}

// More than these say no more: the order is clear, and the panel shows each as it runs.
const SHOWN = 200;

function Files({ migrations, direction }: { migrations: Migration[]; direction: Plan['direction'] }) {
  const shown = migrations.slice(0, SHOWN);
  return (
    <>
      <h3 className={classes.heading}>
        {plural(migrations.length, 'migration')}
        {migrations.length > 1 && (direction === 'up' ? ', oldest first' : ', newest first')}
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
      <section className={classes.files} aria-label="Migrations in the order they run" tabIndex={0}>
        <ol>
          {shown.map((one, at) => (
            <li key={one.filename}>
              <span className={`${classes.number} tabular`}>{at + 1}</span>
              <span className={`${classes.file} mono truncate`}>{one.filename}</span>
              {one.status === 'failed' && <StatusBadge status="failed" plain />}
              {one.flags.map((flag) => (
                <FlagBadge key={flag} flag={flag} />
              ))}
            </li>
          ))}
          {migrations.length > SHOWN && <li className="dim">and {migrations.length - SHOWN} more</li>}
        </ol>
      </section>
    </>
  );
}

function BaselineView({ question }: { question: RunQuestion }) {
  const applied = question.mark !== 'not_applied';
  const many = (question.versions ?? []).length > 1;
  return (
    <>
      <p className={classes.text}>
        {applied
          ? `Written into the migrations table as applied. Nothing of ${many ? 'the files' : 'the file'} runs: do this where the database already has what ${many ? 'they make' : 'it makes'}.`
          : `Taken out of the migrations table. Nothing is rolled back: the next run applies ${many ? 'them' : 'it'} again.`}
      </p>
      <ol className={classes.plainFiles}>
        {(question.versions ?? []).slice(0, SHOWN).map((name) => (
          <li key={name} className="mono truncate">
            {name}
          </li>
        ))}
      </ol>
    </>
  );
}

function Note({ tone, title, lines }: { tone: 'red' | 'amber'; title: string; lines: string[] }) {
  return (
    <div className={`${classes.note} ${classes[tone]}`}>
      <div className={classes.noteTitle}>
        <IconAlertTriangle size={15} aria-hidden /> {title}
      </div>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

function planRequest(question: RunQuestion, outOfOrder: boolean): Request<'migration:plan'> {
  const down = question.channel === 'migration:down' || question.channel === 'migration:redo';
  const chosen = {
    versions: question.versions,
    to: question.to,
    count: question.count,
  };
  return {
    connection: question.connection,
    direction: down ? 'down' : 'up',
    ...chosen,
    ...(down ? {} : { allow_out_of_order: outOfOrder }),
  };
}

function runRequest(question: RunQuestion, outOfOrder: boolean, confirm: string | undefined) {
  const base = { connection: question.connection, ...(confirm ? { confirm } : {}) };
  const order = outOfOrder ? { allow_out_of_order: true } : {};
  switch (question.channel) {
    case 'migration:redo':
      return { ...base, version: question.versions?.[0] };
    case 'migration:retry':
      return { ...base, versions: question.versions, ...order };
    case 'migration:baseline':
      return { ...base, versions: question.versions, mark: question.mark ?? 'applied' };
    default: {
      const { versions, to, count } = question;
      const given = Object.fromEntries(
        Object.entries({ versions, to, count }).filter(([, value]) => value !== undefined),
      );
      return { ...base, ...given, ...order };
    }
  }
}
