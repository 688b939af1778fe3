import { Link } from 'react-router';
import type { Overview, Suggestion } from '../../api/types.generated';
import { CopyTextButton } from '../../components/CopyTextButton';
import { SeverityBadge } from '../../components/SeverityBadge';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './analytics.module.css';
import { FileName } from './FileName';
import { WHY } from './words';

interface Props {
  overview: Overview;
  connection: string;
  named: boolean;
}

export function Suggestions({ overview, connection, named }: Props) {
  return (
    <section className={classes.plain} aria-label="Suggestions">
      <h2>Suggestions</h2>
      {overview.suggestions.length === 0 ? (
        <p className={classes.quiet}>
          The risk rules have nothing to say of what was slow, unusual or failed in this time.
        </p>
      ) : (
        <ul className={classes.rows}>
          {overview.suggestions.map((one) => (
            <One key={one.code} suggestion={one} connection={connection} named={named} />
          ))}
        </ul>
      )}
    </section>
  );
}

function One({
  suggestion,
  connection,
  named,
}: {
  suggestion: Suggestion;
  connection: string;
  named: boolean;
}) {
  const [first, ...others] = suggestion.files;
  return (
    <li className={classes.suggestion}>
      <div className={classes.suggestionHead}>
        <SeverityBadge level={suggestion.severity} />
        <Link to={paths.rule(suggestion.code)} className={classes.ruleTitle}>
          {suggestion.title}
        </Link>
        <code className="faint truncate">{suggestion.code}</code>
      </div>
      <p>{suggestion.message}</p>
      <p className="dim">{suggestion.advice}</p>
      {suggestion.safe_form && (
        <details className={classes.safe}>
          <summary>The safe form</summary>
          <div className={classes.safeForm}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
            <pre tabIndex={0}>{suggestion.safe_form}</pre>
            <CopyTextButton text={suggestion.safe_form} variant="default" />
          </div>
        </details>
      )}
      {first && (
        <p className={classes.found}>
          <FileName file={first} connection={connection} named={named} />
          <span className="dim">
            line {suggestion.line}, {WHY[suggestion.why] ?? suggestion.why}
            {others.length > 0 && `, and in ${plural(others.length, 'other file')}`}
          </span>
        </p>
      )}
    </li>
  );
}
