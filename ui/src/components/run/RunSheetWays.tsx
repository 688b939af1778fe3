/** What stands against a run, and the ways out of it as buttons. */
import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import { act, isDeclined } from '../../api/actions';
import type { ErrorShape } from '../../api/invoke';
import type { FileProblem } from '../../api/types.generated';
import { paths } from '../../lib/paths';
import { ErrorPanel } from '../ErrorPanel';
import { notifyError, notifySuccess } from '../notify';
import { askRun, type RunQuestion, runAsked } from './ask';
import classes from './RunSheet.module.css';

interface Way {
  channel: 'migration:restore' | 'migration:baseline' | 'migration:down';
  label: string;
  versions: string[];
  mark?: 'applied' | 'not_applied';
}

interface Props {
  problem: ErrorShape;
  question: RunQuestion;
  /** Something was mended: look at the plan again. */
  onMended(): void;
}

export function ProblemView({ problem, question, onMended }: Props) {
  const { connection } = question;
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

/** The first file that stands against the run, at the line that does. */
function OpenFile({ problem, connection }: { problem: ErrorShape; connection: string }) {
  const navigate = useNavigate();
  const { files, problems, reason } = (problem.details ?? {}) as {
    files?: string[];
    problems?: FileProblem[];
    reason?: string;
  };
  const [file] = files ?? [];
  const line = problems?.[0]?.line;
  if (!file || reason === 'stays_between' || reason === 'applied_out_of_order') return null;
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
