/** Objects of a schema before and after, each opened into both texts side by side. */
import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { EngineName, SchemaDifference } from '../../../api/types.generated';
import { languageOf } from '../../../editor/languages';
import { DiffEditor } from '../../../editor/lazy';
import { CodeView } from '../../CodeView';
import { ChangeMark } from '../../schemaDiff/ChangeMark';
import previewClasses from '../preview.module.css';
import classes from './rehearsal.module.css';

interface Props {
  title: string;
  /** What it means that there are some, or that there are none. */
  note: string;
  differences: SchemaDifference[];
  engine: string;
  from: string;
  to: string;
  isBad?: boolean;
}

const SHOWN = 300;

export function Differences({ title, note, differences, isBad, ...sides }: Props) {
  return (
    <section className={classes.differences} aria-label={title}>
      <h3>
        {title} <span className="faint tabular">{differences.length.toLocaleString('en-US')}</span>
      </h3>
      <p className={isBad && differences.length > 0 ? classes.bad : 'dim'}>{note}</p>
      <ul>
        {differences.slice(0, SHOWN).map((one) => (
          <Difference key={one.id} difference={one} {...sides} />
        ))}
        {differences.length > SHOWN && <li className="dim">and {differences.length - SHOWN} more</li>}
      </ul>
    </section>
  );
}

function Difference({
  difference,
  engine,
  from,
  to,
}: { difference: SchemaDifference } & Pick<Props, 'engine' | 'from' | 'to'>) {
  const [isOpen, setOpen] = useState(false);
  const { before, after, kind, change } = difference;
  const name = difference.id.startsWith(`${kind} `) ? difference.id.slice(kind.length + 1) : difference.id;
  const hasText = before !== null || after !== null;
  const head = (
    <>
      <ChangeMark change={change} />
      <span className="dim">{kind}</span> <span className="mono truncate">{name}</span>
    </>
  );
  if (!hasText) return <li className={classes.difference}>{head}</li>;
  return (
    <li>
      <UnstyledButton className={classes.difference} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <IconChevronRight
          size={14}
          className={`${previewClasses.chevron} ${isOpen ? previewClasses.turned : ''}`}
          aria-hidden
        />
        {head}
      </UnstyledButton>
      {isOpen && (
        <div className={classes.both} style={{ height: heightOf(before, after) }}>
          {before !== null && after !== null ? (
            <DiffEditor
              original={before}
              modified={after}
              originalLabel={`${from}: ${name}`}
              modifiedLabel={`${to}: ${name}`}
              language={languageOf(engine as EngineName, 'schema.sql')}
              wrap
            />
          ) : (
            <CodeView text={after ?? before ?? ''} label={`${before === null ? to : from}: ${name}`} />
          )}
        </div>
      )}
    </li>
  );
}

const heightOf = (before: string | null, after: string | null) =>
  Math.min(
    320,
    Math.max(60, 20 * Math.max(...[before, after].map((one) => (one ?? '').split('\n').length)) + 24),
  );
