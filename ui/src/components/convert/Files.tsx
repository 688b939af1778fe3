/** What each file becomes: the list, and beside it the text and what is to know of it. */
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { Conversion, ConvertedFile } from '../../api/types.generated';
import { CodeView } from '../CodeView';
import classes from './convert.module.css';
import { Note } from './Note';

interface Props {
  look: Conversion;
  out: ReadonlySet<string>;
  onOut(out: ReadonlySet<string>): void;
}

const LEFT_OUT = '\0left out';

export function Files({ look, out, onOut }: Props) {
  const [at, setAt] = useState<string | null>(null);
  const first = look.files.find((one) => one.problems.length > 0) ?? look.files[0];
  const current = look.files.find((one) => one.key === at) ?? first;
  const others = [...look.left_out, ...look.notes];
  const showsOthers = at === LEFT_OUT || !current;
  const turn = (key: string) => {
    const after = new Set(out);
    if (!after.delete(key)) after.add(key);
    onOut(after);
  };
  return (
    <div className={classes.columns}>
      <div className={classes.list}>
        {look.files.map((one) => (
          <button
            key={one.key}
            type="button"
            className={classes.row}
            aria-pressed={!showsOthers && one === current}
            data-out={out.has(one.key) || undefined}
            onClick={() => setAt(one.key)}
          >
            <div className={classes.names}>
              <div className="mono" title={one.filename}>
                {one.filename}
              </div>
              <div className={classes.from} title={one.files.join(', ')}>
                {one.files.join(', ')}
              </div>
            </div>
            <Chip file={one} />
          </button>
        ))}
        {others.length > 0 && (
          <button
            type="button"
            className={classes.row}
            aria-pressed={showsOthers}
            onClick={() => setAt(LEFT_OUT)}
          >
            <div className={classes.names}>
              <div>Not carried over, and to know</div>
              <div className={classes.from}>
                {others
                  .map((one) => one.file)
                  .filter(Boolean)
                  .join(', ')}
              </div>
            </div>
            <span className={classes.chip}>{others.length}</span>
          </button>
        )}
      </div>
      <div className={classes.detail}>
        {showsOthers ? (
          <ul className={classes.notes} style={{ maxHeight: 'none', paddingTop: 12 }}>
            {others.map((one) => (
              <Note key={`${one.file} ${one.line} ${one.message}`} note={one} />
            ))}
          </ul>
        ) : (
          current && <Detail file={current} isOut={out.has(current.key)} onTurn={() => turn(current.key)} />
        )}
      </div>
    </div>
  );
}

function Chip({ file }: { file: ConvertedFile }) {
  if (file.problems.length > 0 || file.state === 'taken')
    return (
      <span className={classes.chip} data-status="problem">
        {file.state === 'taken' ? 'name taken' : 'problem'}
      </span>
    );
  if (file.state === 'same') return <span className={classes.chip}>here already</span>;
  return (
    <span className={classes.chip} data-status={file.status}>
      {file.status === 'unknown' ? 'new' : file.status}
    </span>
  );
}

function Detail({ file, isOut, onTurn }: { file: ConvertedFile; isOut: boolean; onTurn(): void }) {
  const down = { taken: 'down taken over', generated: 'down generated', none: 'no down' }[file.down_source];
  return (
    <>
      <div className={classes.head}>
        <span className="truncate">
          {down}
          {!file.down_complete && ', not complete'} ·{' '}
          {file.transaction ? 'in a transaction' : 'outside of a transaction'}
        </span>
        <Checkbox label="Leave out" checked={isOut} onChange={onTurn} />
      </div>
      {file.problems.length + file.notes.length > 0 && (
        <ul className={classes.notes}>
          {file.problems.map((one) => (
            <Note key={`${one.line} ${one.message}`} note={one} isBad />
          ))}
          {file.notes.map((one) => (
            <Note key={`${one.line} ${one.message}`} note={one} />
          ))}
        </ul>
      )}
      {file.content === null ? (
        <p className={classes.quiet}>The text is too large to show, or cannot be written.</p>
      ) : (
        <CodeView text={file.content} label={`Text of ${file.filename}`} />
      )}
    </>
  );
}
