/** One generated file: what applying does and what rolling back does, to be read or changed by hand. */
import type { Ref } from 'react';
import type { EngineName, GeneratedFile } from '../../api/types.generated';
import type { CodeHandle } from '../../editor/CodeEditor';
import { dialectOf, languageOf } from '../../editor/languages';
import { CodeEditor } from '../../editor/lazy';
import { CopyText } from './CopyText';
import classes from './schemaDiff.module.css';

interface Props {
  engine: EngineName;
  at: number;
  file: GeneratedFile;
  up: Ref<CodeHandle>;
  onChange(file: GeneratedFile): void;
}

export function FileHalves({ engine, at, file, up, onChange }: Props) {
  const half = (name: 'up' | 'down', says: string) => (
    <div className={classes.half}>
      <div className={classes.halfHead}>
        <h2>{name === 'up' ? 'Up' : 'Down'}</h2>
        <span className="faint truncate">{says}</span>
        {!(name === 'up' ? file.transaction : file.transaction_down) && engine !== 'mongodb' && (
          <span className={classes.outside}>outside a transaction</span>
        )}
        <CopyText text={file[name]} label={name === 'up' ? 'Copy the up' : 'Copy the down'} />
      </div>
      <div className={classes.halfBody}>
        <CodeEditor
          key={`${at} ${name}`}
          ref={name === 'up' ? up : undefined}
          language={languageOf(engine, engine === 'mongodb' ? 'a.js' : 'a.sql')}
          dialect={dialectOf(engine)}
          value={file[name]}
          onChange={(text) => onChange({ ...file, [name]: text })}
          label={name === 'up' ? 'Up' : 'Down'}
        />
      </div>
    </div>
  );
  return (
    <div className={classes.halves}>
      {half('up', 'what applying does')}
      {half('down', 'what rolling back does')}
    </div>
  );
}
