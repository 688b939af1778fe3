/** Two schemas compared, and the migration between them: shared by the Schema page and the wizard. */
import { IconEqual, IconGitCompare } from '@tabler/icons-react';
import { type ReactNode, useMemo, useRef } from 'react';
import type { Connection } from '../../api/types.generated';
import { useCommands } from '../../lib/commands';
import { EmptyState } from '../EmptyState';
import { ErrorPanel } from '../ErrorPanel';
import { ChangeTree } from './ChangeTree';
import { JobLine } from './JobLine';
import { MigrationView } from './MigrationView';
import { ObjectDiff } from './ObjectDiff';
import { Pickers } from './Pickers';
import { Renames } from './Renames';
import { ResultBar } from './ResultBar';
import classes from './schemaDiff.module.css';
import type { Comparison } from './sides';
import type { Diff } from './state';
import { cameAlong } from './tree';

interface Props {
  connection: Connection;
  diff: Diff;
  /** Between the pickers and the result. */
  banner?: ReactNode;
  more?: ReactNode;
  actions: ReactNode;
  /** Before anything was compared. */
  invitation?: ReactNode;
}

export function Workbench({ connection, diff, banner, more, actions, invitation }: Props) {
  const { comparison, busy, problem, view, active, left, made } = diff.state;
  const search = useRef<HTMLInputElement>(null);
  const object = useRef<HTMLDivElement>(null);
  const { engine } = connection;
  const along = useMemo(
    () =>
      new Set(
        comparison && made ? cameAlong(comparison.changes, left, made.statements).map((one) => one.id) : [],
      ),
    [comparison, left, made],
  );
  useCommands([
    {
      id: 'filter-changes',
      label: 'Filter changes',
      group: 'Schema',
      keys: '/',
      hidden: true,
      run: () => search.current?.focus(),
    },
    {
      id: 'schema-compare',
      label: 'Compare the schemas',
      group: 'Schema',
      keys: 'mod+enter',
      whileTyping: true,
      run: () => void (comparison && view === 'changes' ? diff.generate() : diff.compare()),
    },
  ]);
  const change = comparison?.changes.find((one) => one.id === active) ?? null;
  return (
    <div className={classes.workbench}>
      <Pickers connection={connection} diff={diff} />
      {banner}
      <JobLine diff={diff} />
      {problem && (
        <div className={classes.problem}>
          <ErrorPanel
            error={problem}
            connection={connection.id}
            onRetry={problem.code === 'conflict' || !comparison ? () => void diff.compare() : undefined}
            compact
          />
        </div>
      )}
      {comparison && <Skipped comparison={comparison} />}
      {comparison?.equal && (
        <EmptyState icon={<IconEqual size={22} stroke={1.7} />} title="The two schemas are equal">
          {comparison.source.label} and {comparison.target.label}: {comparison.source.objects} objects, the
          same text each, as the server prints it.
        </EmptyState>
      )}
      {comparison && !comparison.equal && (
        <>
          <ResultBar diff={diff} engine={engine} search={search} more={more} actions={actions} />
          {view === 'changes' && <Renames diff={diff} />}
          {view === 'migration' && made ? (
            <MigrationView diff={diff} engine={engine} />
          ) : (
            <div className={classes.split}>
              <ChangeTree diff={diff} along={along} onOpen={() => focusText(object.current)} />
              <div ref={object} className={classes.objectHolder}>
                <ObjectDiff
                  change={change}
                  engine={engine}
                  from={comparison.source.label}
                  to={comparison.target.label}
                />
              </div>
            </div>
          )}
        </>
      )}
      {!comparison && !busy && !problem && (
        <EmptyState
          icon={<IconGitCompare size={22} stroke={1.7} />}
          title="Compare two schemas"
          actions={invitation}
        >
          Choose what is there and what it shall become. The differences come object by object, as the server
          prints them, and the migration between them is written and proven for you.
        </EmptyState>
      )}
    </div>
  );
}

/** What could not be loaded or read: it is not part of the comparison, so it is said. */
function Skipped({ comparison }: { comparison: Comparison }) {
  const notes = [comparison.source, comparison.target].flatMap((side) =>
    side.skipped.map((note) => ({ side: side.label, note })),
  );
  if (notes.length === 0) return null;
  return (
    <details className={classes.skipped}>
      <summary>
        {notes.length === 1 ? '1 thing was' : `${notes.length} things were`} left out of the comparison
      </summary>
      <ul className={classes.plainList}>
        {notes.map(({ side, note }) => (
          <li key={`${side} ${note}`}>
            <b>{side}</b>: {note}
          </li>
        ))}
      </ul>
    </details>
  );
}

function focusText(holder: HTMLElement | null) {
  const areas = holder?.querySelectorAll<HTMLElement>('textarea, .native-edit-context');
  areas?.[areas.length - 1]?.focus();
}
