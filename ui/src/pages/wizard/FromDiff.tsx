/** The step of a migration from a schema diff: the same comparison as on the Schema page; what it writes is reviewed next. */
import { Button } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { Connection, GeneratedFile, RenderedTemplate } from '../../api/types.generated';
import { type DiffState, useDiff } from '../../components/schemaDiff/state';
import { Workbench } from '../../components/schemaDiff/Workbench';
import { composeFile, findHalves } from '../../editor/halves';
import { DIFF } from './state';
import type { Wizard } from './useWizard';
import classes from './wizard.module.css';

export function FromDiff({ connection, wizard }: { connection: Connection; wizard: Wizard }) {
  const diff = useDiff(connection, 'wizard');
  const { made, files, name } = diff.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was written goes along as soon as it is there.
  useEffect(() => {
    const rendered = renderedOf(diff.state);
    if (rendered && JSON.stringify(rendered) !== JSON.stringify(wizard.state.diff))
      wizard.change({ diff: rendered });
  }, [made, files, name]);
  return (
    <div className={classes.fromDiff}>
      <Workbench
        connection={connection}
        diff={diff}
        actions={
          <Button
            className={classes.useDiff}
            rightSection={<IconArrowRight size={15} />}
            disabled={files.length === 0}
            onClick={() => wizard.change({ step: 'review' })}
          >
            Use this migration
          </Button>
        }
      />
    </div>
  );
}

/** What the diff wrote, in the shape of what a template writes. */
export function renderedOf({
  made,
  files,
  name,
}: Pick<DiffState, 'made' | 'files' | 'name'>): RenderedTemplate | null {
  const [first] = files;
  if (!made || !first) return null;
  const several = files.length > 1;
  const rendered = files.map((file, at) => ({
    name: several ? `${name} ${at + 1}` : name,
    step: several ? String(at + 1) : null,
    up: file.up,
    down: file.down,
    transaction: file.transaction,
    transaction_down: file.transaction_down,
    content: wholeOf(made.files[at] ?? file, file),
  }));
  return {
    template: DIFF,
    name,
    up: first.up,
    down: first.down,
    transaction: first.transaction,
    transaction_down: first.transaction_down,
    content: rendered[0]?.content ?? '',
    files: rendered,
    warnings: made.not_expressed,
  };
}

const wholeOf = (before: GeneratedFile, after: GeneratedFile) =>
  composeFile(before.content, findHalves(before.content, before.up, before.down), before, after) ??
  before.content;
