/** What stands against a run, and the ways out of it as buttons. */
import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import { act, isDeclined } from '../../api/actions';
import type { ErrorShape } from '../../api/invoke';
import type { FileProblem } from '../../api/types.generated';
import { paths } from '../../lib/paths';
import { askRestore } from '../backup/ask';
import { ErrorPanel } from '../ErrorPanel';
import { notifyError, notifySuccess } from '../notify';
import { askRun, type RunQuestion, runAsked } from './ask';
import classes from './RunSheet.module.css';

interface Way {
  code?: string;
  channel:
    | 'migration:restore'
    | 'migration:baseline'
    | 'migration:down'
    | 'migration:update'
    | 'migration:generate-down'
    | 'backup:restore';
  label: string;
  versions: string[];
  mark?: 'applied' | 'not_applied';
  backup_id?: string;
}

interface Props {
  problem: ErrorShape;
  question: RunQuestion;
  /** Something was mended: look at the plan again. */
  onMended(): void;
}

export function ProblemView({ problem, question, onMended }: Props) {
  const { connection } = question;
  const navigate = useNavigate();
  const ways = ((problem.details as { ways?: Way[] } | undefined)?.ways ?? []).filter(
    (way) => way.versions.length > 0,
  );
  const go = async (way: Way) => {
    if (way.channel === 'migration:restore') {
      try {
        for (const version of way.versions) await act('migration:restore', { connection, version });
        notifySuccess('The file is back', way.versions.join(', '));
      } catch (caught) {
        if (!isDeclined(caught)) notifyError(caught);
      }
      onMended();
      return;
    }
    const [file = ''] = way.versions;
    if (way.channel === 'migration:update' || way.channel === 'migration:generate-down') {
      runAsked.set(null);
      navigate(
        `${paths.editor(connection, file)}?down=${way.channel === 'migration:update' ? 'write' : 'generate'}`,
      );
      return;
    }
    if (way.channel === 'backup:restore') {
      runAsked.set(null);
      if (way.backup_id) askRestore({ connection, backupId: way.backup_id });
      return;
    }
    askRun({
      channel: way.channel,
      connection,
      versions: way.versions,
      ...(way.mark ? { mark: way.mark } : {}),
      // Back to what was wanted, once what stood in the way is done.
      onEnd: (run) => {
        const wasAll = way.channel === 'migration:down' && way.label.startsWith('Roll these');
        if (run && !wasAll) askRun(question);
        else question.onEnd?.(run);
      },
    });
  };
  return (
    <div className={classes.problem}>
      <ErrorPanel
        error={problem}
        connection={connection}
        actions={
          <>
            {ways.map((way) => (
              <Button key={way.label} variant="default" className={classes.way} onClick={() => void go(way)}>
                {way.label}
              </Button>
            ))}
            <OpenFile problem={problem} connection={connection} />
          </>
        }
        compact
      />
    </div>
  );
}

/** Where the file is not what is to be mended, or is opened at its down already. */
const OTHERS = new Set([
  'stays_between',
  'applied_out_of_order',
  'no_down',
  'down_does_nothing',
  'missing_file',
]);

/** The first file that stands against the run, at the line that does. */
function OpenFile({ problem, connection }: { problem: ErrorShape; connection: string }) {
  const navigate = useNavigate();
  const details = (problem.details ?? {}) as {
    files?: string[];
    line?: number;
    problems?: FileProblem[];
    reason?: string;
  };
  const { files, problems, reason } = details;
  const [file] = files ?? [];
  const line = problems?.[0]?.line ?? details.line;
  if (!file || OTHERS.has(reason ?? '')) return null;
  const open = () => {
    runAsked.set(null);
    navigate(`${paths.editor(connection, file)}${line ? `?line=${line}` : ''}`);
  };
  return (
    <Button variant="default" className={classes.way} onClick={open}>
      Open {file}
    </Button>
  );
}
