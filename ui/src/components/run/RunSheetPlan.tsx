/** What a plan says before its files: what stands against it, what would be lost, what is worth knowing. */
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ErrorShape } from '../../api/invoke';
import type { RunQuestion } from './ask';
import classes from './RunSheet.module.css';
import { ProblemView } from './RunSheetWays';

// More than these say no more.
const SHOWN = 200;

interface Props {
  problems: ErrorShape[];
  losses: string[];
  warnings: string[];
  question: RunQuestion;
  onMended(): void;
}

export function PlanNotes({ problems, losses, warnings, question, onMended }: Props) {
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
      {losses.length > 0 && <Note tone="red" title="What would be lost" lines={losses} />}
      {warnings.length > 0 && <Note tone="amber" title="Worth knowing" lines={warnings} />}
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
