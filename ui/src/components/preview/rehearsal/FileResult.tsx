/** One file of a rehearsal: why it got its verdict, its three passes, the schema before and after, the rows lost. */
import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { isErrorShape } from '../../../api/invoke';
import type { Direction, RehearsalPass, RehearsedFile, RowDifference } from '../../../api/types.generated';
import { formatCount, formatDuration, plural } from '../../../lib/format';
import { CodeView } from '../../CodeView';
import { ErrorPanel } from '../../ErrorPanel';
import { FoldList } from '../FoldList';
import { Differences } from './Differences';
import classes from './rehearsal.module.css';
import { Statement } from './Statement';

/** What is rolled back first is down, up, and down again. */
const stepsOf = (direction: Direction): Record<RehearsalPass['step'], string> => ({
  up: 'Up',
  down: 'Down',
  again: direction === 'up' ? 'Up again' : 'Down again',
});

interface Props {
  file: RehearsedFile;
  engine: string;
  direction: Direction;
}

export function FileResult({ file, engine, direction }: Props) {
  const steps = stepsOf(direction);
  const [forth, back] = direction === 'up' ? (['up', 'down'] as const) : (['down', 'up'] as const);
  const Forth = steps[forth];
  const bad = file.passes.find((one) => !one.ok) ?? file.passes[0];
  const [tab, setTab] = useState<string | null>(bad?.step ?? 'schema');
  const differences = file.changed.length + file.left.length + file.again.length;
  return (
    <Tabs value={tab} onChange={setTab} className={classes.tabs} keepMounted={false}>
      <Tabs.List>
        {file.passes.map((one) => (
          <Tabs.Tab key={one.step} value={one.step}>
            {steps[one.step]}{' '}
            <span className={one.ok ? 'faint tabular' : classes.bad}>
              {one.ok ? formatDuration(one.duration_ms) : 'failed'}
            </span>
          </Tabs.Tab>
        ))}
        <Tabs.Tab value="schema">
          Schema <span className="faint tabular">{formatCount(differences)}</span>
        </Tabs.Tab>
        {file.rows_lost.length > 0 && (
          <Tabs.Tab value="rows">
            Rows lost <span className="faint tabular">{formatCount(file.rows_lost.length)}</span>
          </Tabs.Tab>
        )}
      </Tabs.List>
      {file.passes.map((one) => (
        <Tabs.Panel key={one.step} value={one.step} className={classes.panel}>
          <Pass pass={one} name={steps[one.step]} />
        </Tabs.Panel>
      ))}
      <Tabs.Panel value="schema" className={classes.scroll}>
        <Differences
          title={`What ${forth} does`}
          note={
            file.changed.length > 0
              ? `The schema before ${forth} and after it.`
              : `${Forth} leaves the schema as it was.`
          }
          differences={file.changed}
          engine={engine}
          from={`Before ${forth}`}
          to={`After ${forth}`}
        />
        {file.passes.some((one) => one.step === back) && (
          <Differences
            title={`Left different by ${back}`}
            note={
              file.left.length > 0
                ? `${steps[back]} did not bring these back as they were.`
                : `After ${back} the schema is as it was before ${forth}.`
            }
            differences={file.left}
            engine={engine}
            from={`Before ${forth}`}
            to={`After ${back}`}
            isBad
          />
        )}
        {file.again.length > 0 && (
          <Differences
            title={`Different after the second ${forth}`}
            note={`The second ${forth} ended in another schema than the first.`}
            differences={file.again}
            engine={engine}
            from={`After ${forth}`}
            to={`After ${forth} again`}
            isBad
          />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="rows" className={classes.scroll}>
        <RowsLost lost={file.rows_lost} forth={forth} back={back} />
      </Tabs.Panel>
    </Tabs>
  );
}

function Pass({ pass, name }: { pass: RehearsalPass; name: string }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set(pass.statements.filter((one) => !one.ok).map((one) => String(one.index))),
  );
  const longest = Math.max(0, ...pass.statements.map((one) => one.duration_ms ?? 0));
  const toggle = (key: string) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  // What failed says so at its statement; only what no statement tells stands here.
  const isTold = pass.statements.some((one) => isErrorShape(one.error));
  return (
    <>
      {isErrorShape(pass.error) && !isTold && <ErrorPanel error={pass.error} compact />}
      {pass.by === 'tool' && (
        <p className={classes.byTool}>
          Run whole by the real tool: nothing was measured statement by statement in this pass.
        </p>
      )}
      {pass.statements.length > 0 && (
        <FoldList
          label={`${name}: ${plural(pass.statements.length, 'statement')}`}
          rows={pass.statements.map((one) => ({ key: String(one.index), size: 50, one }))}
        >
          {({ key, one }, stop) => (
            <Statement
              statement={one}
              longestMs={longest}
              isOpen={open.has(key)}
              stop={stop}
              onToggle={() => toggle(key)}
            />
          )}
        </FoldList>
      )}
      {pass.statements.length === 0 &&
        (pass.output.trim() ? (
          <CodeView text={pass.output} label="Output of the tool" />
        ) : (
          !isErrorShape(pass.error) && <p className={classes.byTool}>Nothing ran in this pass.</p>
        ))}
    </>
  );
}

function RowsLost({ lost, forth, back }: { lost: RowDifference[]; forth: string; back: string }) {
  return (
    <table className={classes.lost} aria-label="Rows lost">
      <thead>
        <tr>
          <th scope="col">Table</th>
          <th scope="col">Column</th>
          <th scope="col">Before {forth}</th>
          <th scope="col">After {back}</th>
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        {lost.map((one) => (
          <tr key={`${one.table} ${one.column} ${one.detail}`}>
            <td className="mono">{one.table}</td>
            <td className="mono">{one.column ?? <span className="faint">whole rows</span>}</td>
            <td className="tabular">{one.before === null ? '–' : formatCount(one.before)}</td>
            <td className="tabular">{one.after === null ? '–' : formatCount(one.after)}</td>
            <td>{one.detail}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
