/** The migration that was written: its files, what is proven of them, what may hurt, and what could not be expressed. */
import { Button, Tabs } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { EngineName, GeneratedFile } from '../../api/types.generated';
import type { CodeHandle } from '../../editor/CodeEditor';
import { FileHalves } from './FileHalves';
import { Hazards } from './Hazards';
import { ProofBadge } from './ProofBadge';
import classes from './schemaDiff.module.css';
import { basisOf, type Diff, isEdited } from './state';
import { cameAlong, nameOf } from './tree';

export function MigrationView({ diff, engine }: { diff: Diff; engine: EngineName }) {
  const { made, files, comparison, left, proof, busy } = diff.state;
  const [chosen, setChosen] = useState(0);
  const up = useRef<CodeHandle>(null);
  if (!made || !comparison) return null;
  const at = Math.min(chosen, files.length - 1);
  const file = files[at];
  const edited = isEdited(diff.state);
  const moved = basisOf(diff.state) !== diff.state.madeOf;
  const along = cameAlong(comparison.changes, left, made.statements);
  const edit = (after: GeneratedFile) => diff.change({ files: files.with(at, after) });
  const show = (number: number, sql: string) => {
    setChosen(number);
    const before = files[number]?.up.split(sql)[0];
    if (number === at && before !== undefined) up.current?.goTo(before.split('\n').length);
  };
  return (
    <div className={classes.migration}>
      {moved && (
        <div className={classes.moved} role="status">
          <IconAlertTriangle size={16} aria-hidden />
          <span>What is chosen has changed since this was written.</span>
          <Button size="compact-sm" variant="default" disabled={busy !== null} onClick={diff.generate}>
            Write it again
          </Button>
        </div>
      )}
      <div className={classes.migrationBody}>
        <div className={classes.files}>
          {files.length > 1 && (
            <Tabs value={String(at)} onChange={(value) => setChosen(Number(value))} keepMounted={false}>
              <Tabs.List aria-label="Files of the migration">
                {files.map((one, number) => (
                  <Tabs.Tab key={one.name} value={String(number)}>
                    <span className="faint tabular">{number + 1}</span> {one.name}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
            </Tabs>
          )}
          {file ? (
            <FileHalves engine={engine} at={at} file={file} up={up} onChange={edit} />
          ) : (
            <p className={classes.quiet}>Nothing of what was chosen can be written as statements.</p>
          )}
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by the keyboard. */}
        <section className={classes.verdict} tabIndex={0} aria-label="What is known of it">
          <ProofBadge proof={proof} edited={edited} />
          {edited && (
            <Button
              leftSection={<IconShieldCheck size={15} />}
              loading={busy?.what === 'prove'}
              disabled={busy !== null}
              onClick={diff.prove}
            >
              Prove again
            </Button>
          )}
          {made.not_expressed.length > 0 && (
            <section className={classes.notes} aria-label="Not expressed">
              <h2>Not expressed</h2>
              <ul className={classes.plainList}>
                {made.not_expressed.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </section>
          )}
          {along.length > 0 && (
            <section className={classes.notes} aria-label="Came along">
              <h2>Came along</h2>
              <p className="dim">Not chosen, but what was chosen cannot do without:</p>
              <ul className={classes.plainList}>
                {along.map((one) => (
                  <li key={one.id}>
                    {one.kind} <span className="mono">{nameOf(one)}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <Hazards made={made} onShow={show} />
        </section>
      </div>
    </div>
  );
}
