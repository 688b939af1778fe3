/** The statements of the half that failed, each with what became of it and where that is known from. */
import { Tooltip } from '@mantine/core';
import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconHelpCircleFilled,
} from '@tabler/icons-react';
import type { FailedStatement } from '../../api/types.generated';
import classes from './failure.module.css';
import { countsOf, STATE_WORDS } from './words';

const ICONS = {
  landed: IconCircleCheckFilled,
  not_landed: IconCircleDashed,
  unknown: IconHelpCircleFilled,
};

// More than these say no more; all of them are in the file.
const SHOWN = 200;

export function Statements({
  statements,
  title = 'Statement by statement',
}: {
  statements: FailedStatement[];
  title?: string;
}) {
  return (
    <section aria-label={title}>
      <div className={classes.headLine}>
        <h3 className={classes.heading}>{title}</h3>
        <span className="dim tabular">{countsOf(statements)}</span>
      </div>
      <ol className={classes.statements}>
        {statements.slice(0, SHOWN).map((one) => (
          <Row key={one.index} one={one} />
        ))}
        {statements.length > SHOWN && <li className="dim">and {statements.length - SHOWN} more</li>}
      </ol>
    </section>
  );
}

function Row({ one }: { one: FailedStatement }) {
  const { word, means } = STATE_WORDS[one.state];
  const Icon = one.failed_here ? IconCircleXFilled : ICONS[one.state];
  return (
    <li className={classes.statement} data-state={one.failed_here ? 'failed' : one.state}>
      <Tooltip label={one.why ? `${means} ${one.why}` : means} multiline maw={360}>
        <span className={classes.mark}>
          <Icon size={15} aria-hidden />
          {one.failed_here ? 'Failed here' : word}
        </span>
      </Tooltip>
      <div className={classes.statementBody}>
        <pre>{one.sql.trim()}</pre>
        <div className={classes.whyLine}>
          {one.line !== null && <span className="faint">line {one.line}</span>}
          {one.failed_here && <span className={classes.stateWord}>{word}</span>}
          <span className="dim">{one.why}</span>
        </div>
      </div>
    </li>
  );
}
