/** What rolling it back restores, what it does not, and what is not known. */
import type { DownCheck } from '../../api/types.generated';
import { Badge } from './Badges';
import classes from './preview.module.css';
import { downWords } from './words';

const SHOWN = 12;

interface Props {
  down: DownCheck;
  isDown: boolean;
  /** Whose it is: several stand in one panel. */
  of: string;
}

export function DownCheckView({ down, isDown, of }: Props) {
  const said = downWords(down.verdict);
  const lists = [
    { title: 'Restores', lines: down.restores },
    { title: 'Cannot bring back', lines: down.lost },
    { title: 'Leaves behind', lines: down.not_undone },
    { title: 'Not known', lines: down.unknown },
  ].filter((one) => one.lines.length > 0);
  return (
    <section
      className={classes.down}
      aria-label={isDown ? `What ${of} rolls back` : `If ${of} is rolled back`}
      data-tone={said.tone}
    >
      <p className={classes.downHead}>
        <span className="dim">{isDown ? 'Rolled back:' : 'If rolled back:'}</span>
        <Badge tone={said.tone} word={said.word} plain />
        <span>{said.means}</span>
      </p>
      {lists.length > 0 && (
        <dl className={classes.facts}>
          {lists.map(({ title, lines }) => (
            <div key={title} className={classes.pair}>
              <dt>{title}</dt>
              <dd>
                <ul className={classes.locks}>
                  {lines.slice(0, SHOWN).map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                  {lines.length > SHOWN && <li className="dim">and {lines.length - SHOWN} more</li>}
                </ul>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
