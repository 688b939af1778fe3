/** One object on both sides, as its engine prints it. */
import { useDeferredValue } from 'react';
import type { EngineName, SchemaChange } from '../../api/types.generated';
import { languageOf } from '../../editor/languages';
import { DiffEditor } from '../../editor/lazy';
import { ChangeMark } from './ChangeMark';
import { CopyText } from './CopyText';
import classes from './schemaDiff.module.css';
import { kindLabel, nameOf } from './tree';

interface Props {
  change: SchemaChange | null;
  engine: EngineName;
  from: string;
  to: string;
}

export function ObjectDiff({ change, engine, from, to }: Props) {
  // Arrows held down in the tree must not make an editor for each object they pass.
  const shown = useDeferredValue(change);
  if (!shown) return <div className={classes.object} />;
  const lines = [
    shown.lines_added > 0 && `+${shown.lines_added}`,
    shown.lines_removed > 0 && `−${shown.lines_removed}`,
  ].filter(Boolean);
  const text = shown.after ?? shown.before ?? '';
  return (
    <section className={classes.object} aria-label={`${kindLabel(shown.kind, false)} ${nameOf(shown)}`}>
      <div className={classes.objectHead}>
        <ChangeMark change={shown.change} />
        <span className="dim">{kindLabel(shown.kind, false)}</span>
        <h2 className={`mono truncate ${classes.objectName}`}>{nameOf(shown)}</h2>
        <span className="faint tabular">{lines.join(' ')}</span>
        <CopyText text={text} label="Copy the text" />
      </div>
      <div className={classes.sidesHead} aria-hidden>
        <span className="truncate">{from}</span>
        <span className="truncate">{to}</span>
      </div>
      <div className={classes.objectBody}>
        <DiffEditor
          key={shown.id}
          original={shown.before ?? ''}
          modified={shown.after ?? ''}
          originalLabel={`${from}: ${nameOf(shown)}`}
          modifiedLabel={`${to}: ${nameOf(shown)}`}
          language={languageOf(engine, 'schema.sql')}
        />
      </div>
    </section>
  );
}
