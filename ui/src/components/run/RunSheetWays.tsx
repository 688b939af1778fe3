/** What stands against a run, and the ways out of it as buttons. */
import { Button } from '@mantine/core';
import { useNavigate } from 'react-router';
import { act, isDeclined } from '../../api/actions';
import { useBackupBefore } from '../../api/backups';
import type { ErrorShape } from '../../api/invoke';
import type { FileProblem } from '../../api/types.generated';
import { paths } from '../../lib/paths';
import { RestoreButton } from '../backup/BackupLink';
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
            <DownWays problem={problem} question={question} />
            <OpenFile problem={problem} connection={connection} />
          </>
        }
        compact
      />
    </div>
  );
}

/** Where the file is not what is to be mended, or is opened at its down already. */
const OTHERS = new Set(['stays_between', 'applied_out_of_order', 'no_down', 'invalid_down', 'missing_file']);

/** A rollback without a down that can run: write it, have it written, or go back by the backup. */
function DownWays({ problem, question }: { problem: ErrorShape; question: RunQuestion }) {
  const navigate = useNavigate();
  const { connection } = question;
  const { files, reason } = (problem.details ?? {}) as { files?: string[]; reason?: string };
  const [file] = files ?? [];
  const isAbout = reason === 'no_down' || reason === 'invalid_down';
  const backup = useBackupBefore(connection, file, isAbout);
  if (!isAbout || !file) return null;
  const edit = (how: 'write' | 'generate') => {
    runAsked.set(null);
    navigate(`${paths.editor(connection, file)}?down=${how}`);
  };
  return (
    <>
      <Button variant="default" className={classes.way} onClick={() => edit('write')}>
        {reason === 'no_down' ? 'Write the down' : 'Mend the down'}
      </Button>
      {file.endsWith('.sql') && (
        <Button variant="default" className={classes.way} onClick={() => edit('generate')}>
          Generate the down
        </Button>
      )}
      {backup && (
        <RestoreButton
          connection={connection}
          id={backup.id}
          label="Restore the backup from before it…"
          onAsk={() => runAsked.set(null)}
        />
      )}
    </>
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
