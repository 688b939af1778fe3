/** The plan as the sheet shows it: what stands against it, what would be lost, the risks, the files in order. */
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ErrorShape } from '../../api/invoke';
import type { Migration, Plan } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { FlagBadge } from '../FlagBadge';
import { StatusBadge } from '../StatusBadge';
import type { RunQuestion } from './ask';
import { PlanFindings } from './PlanFindings';
import classes from './RunSheet.module.css';
import { ProblemView } from './RunSheetWays';

// More than these say no more: the order is clear, and the panel shows each as it runs.
const SHOWN = 200;

interface Props {
  plan: Plan;
  problems: ErrorShape[];
  question: RunQuestion;
  onMended(): void;
}

export function PlanView({ plan, problems, question, onMended }: Props) {
  if (plan.migrations.length === 0 && problems.length === 0)
    return (
      <p className={classes.nothing}>
        There is nothing to {plan.direction === 'up' ? 'apply' : 'roll back'}.
      </p>
    );
  return (
    <>
      {problems.map((problem) => (
        <ProblemView
          key={problem.code + problem.message}
          problem={problem}
          question={question}
          onMended={onMended}
        />
      ))}
      {plan.losses.length > 0 && <Note tone="red" title="What would be lost" lines={plan.losses} />}
      {plan.warnings.length > 0 && <Note tone="amber" title="Worth knowing" lines={plan.warnings} />}
      <PlanFindings plan={plan} connection={question.connection} />
      <Files migrations={plan.migrations} direction={plan.direction} />
    </>
  );
}

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

export function BaselineView({ question }: { question: RunQuestion }) {
  const applied = question.mark !== 'not_applied';
  const names = question.versions ?? [];
  const many = names.length > 1;
  return (
    <>
      <p className={classes.text}>
        {applied
          ? `Written into the migrations table as applied. Nothing of ${many ? 'the files' : 'the file'} runs: do this where the database already has what ${many ? 'they make' : 'it makes'}.`
          : `Taken out of the migrations table. Nothing is rolled back: the next run applies ${many ? 'them' : 'it'} again.`}
      </p>
      <ol className={classes.plainFiles}>
        {names.slice(0, SHOWN).map((name) => (
          <li key={name} className="mono truncate">
            {name}
          </li>
        ))}
        {names.length > SHOWN && <li className="dim">and {names.length - SHOWN} more</li>}
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
