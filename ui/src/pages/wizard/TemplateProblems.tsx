/** Template files that cannot be used, each with its line and the reason. The others can. */
import { IconFileAlert } from '@tabler/icons-react';
import type { TemplateProblem } from '../../api/types.generated';
import { plural, shortPath } from '../../lib/format';
import classes from './wizard.module.css';

export function TemplateProblems({ problems }: { problems: TemplateProblem[] }) {
  if (problems.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className={classes.problems} aria-label="Templates that cannot be used" tabIndex={0}>
      <h2 className={classes.problemsTitle}>
        <IconFileAlert size={15} aria-hidden />
        {plural(problems.length, 'template')} cannot be used
      </h2>
      <ul>
        {problems.map((one) => (
          <li key={`${one.path} ${one.line} ${one.message}`}>
            <span className="mono">{shortPath(one.path)}</span>
            {one.line && <span className="tabular">, line {one.line}</span>}: {one.message}
          </li>
        ))}
      </ul>
    </section>
  );
}
