/** The ways out of the panel: close it, rehearse, or do it, with the target in the label and the name where it is wanted. */
import { Button, Checkbox } from '@mantine/core';
import { IconFlask, IconPlayerPlayFilled, IconRotate2 } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { isDue, useBackupSettings } from '../../api/backups';
import type { ErrorShape } from '../../api/invoke';
import type { Connection, Direction, Plan } from '../../api/types.generated';
import { BackupFirst } from '../backup/BackupFirst';
import { Kbd } from '../Kbd';
import type { RunQuestion } from '../run/ask';
import { TypeName } from '../run/TypeName';
import { actionLabel } from '../run/words';
import classes from './preview.module.css';
import type { Rehearsing } from './rehearsal/useRehearsal';

interface Props {
  question: RunQuestion;
  connection: Connection;
  count: number;
  /** What the plan, or the preview of a text, says of running it; null until it is known. */
  standing: Pick<Plan, 'needs_confirmation'> | null;
  /** The direction looked at is the one that can run from here. */
  isNatural: boolean;
  isSettled: boolean;
  isFetching: boolean;
  problems: ErrorShape[];
  direction: Direction;
  outOfOrder: boolean;
  onOutOfOrder(allowed: boolean): void;
  tab: 'preview' | 'rehearsal';
  rehearsing: Rehearsing;
  /** Whether to back up first; undefined: as the settings say. */
  backup: boolean | undefined;
  onBackup(wanted: boolean | undefined): void;
  onRehearse(): void;
  onClose(): void;
  onRun(confirm: string | undefined): void;
}

export function PanelFooter(props: Props) {
  const { question, connection, count, standing, isSettled, problems, direction, tab, rehearsing } = props;
  const [typed, setTyped] = useState('');
  const [isSaving, setSaving] = useState(false);
  const runButton = useRef<HTMLButtonElement>(null);
  const typing = useRef<HTMLInputElement>(null);
  const isDown = direction === 'down';
  const settings = useBackupSettings(connection);
  const canRun = props.isNatural && (question.content === undefined || question.save !== undefined);
  const asks = standing?.needs_confirmation ?? false;
  const confirmed = !asks || typed.trim() === connection.name;
  const ready =
    standing !== null &&
    !connection.read_only &&
    confirmed &&
    problems.length === 0 &&
    count > 0 &&
    !isSaving;
  const keepsFocus = question.looking || question.rehearse || question.asksCount;
  // Once the plan can be run, Enter runs it (or the name can be typed). A button that waits for a plan read anew
  // loses the focus, and has it back unless the user went elsewhere meanwhile.
  const takesEnter = isSettled && !props.isFetching && (asks || ready);
  const hasHadFocus = useRef(false);
  useEffect(() => {
    if (!takesEnter || keepsFocus) return;
    if (hasHadFocus.current && document.activeElement !== document.body) return;
    hasHadFocus.current = true;
    (typing.current ?? runButton.current)?.focus();
  }, [takesEnter, keepsFocus]);

  const run = async (event: FormEvent) => {
    event.preventDefault();
    if (!ready || props.isFetching) return;
    if (question.save) {
      setSaving(true);
      // What stood in its way is shown by the editor.
      if (!(await question.save())) return props.onClose();
    }
    props.onRun(asks ? connection.name : undefined);
  };

  return (
    <form className={classes.footer} onSubmit={(event) => void run(event)}>
      {(props.outOfOrder || problems.some((one) => canPassOver(one, isDown))) && (
        <Checkbox
          label={isDown ? 'Roll them back in this order anyway' : 'Run them out of order anyway'}
          description={
            isDown
              ? 'What was applied last goes first; what stays may rely on what goes.'
              : 'The tool applies them now, after newer ones. Other databases may have had them in another order.'
          }
          checked={props.outOfOrder}
          onChange={(event) => props.onOutOfOrder(event.currentTarget.checked)}
        />
      )}
      {canRun && settings && problems.length === 0 && count > 0 && !connection.read_only && (
        <BackupFirst
          connection={connection}
          due={isDue(settings, connection, direction)}
          value={props.backup}
          onChange={props.onBackup}
        />
      )}
      {canRun && asks && problems.length === 0 && !connection.read_only && (
        <TypeName name={connection.name} value={typed} onChange={setTyped} inputRef={typing} />
      )}
      <div className={classes.buttons}>
        <span className={classes.keys}>
          {canRun && connection.read_only ? (
            `${connection.name} is read-only: nothing can run on it.`
          ) : (
            <>
              {ready && canRun && !keepsFocus && (
                <>
                  <Kbd keys="enter" /> to run
                </>
              )}
              <Kbd keys="escape" /> to close
            </>
          )}
        </span>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
        {!rehearsing.isRunning && (
          <Button
            variant={tab === 'rehearsal' && !rehearsing.result ? 'light' : 'default'}
            leftSection={<IconFlask size={15} />}
            disabled={count === 0}
            onClick={props.onRehearse}
          >
            {rehearseLabel(tab, rehearsing)}
          </Button>
        )}
        {canRun && (
          <Button
            type="submit"
            color={asks || isDown ? 'red' : undefined}
            disabled={!ready}
            loading={isSaving || (props.isFetching && isSettled)}
            leftSection={isDown ? <IconRotate2 size={14} /> : <IconPlayerPlayFilled size={12} />}
            ref={runButton}
          >
            {count > 0 ? actionLabel(question, count, connection.name) : 'Nothing to run'}
          </Button>
        )}
      </div>
    </form>
  );
}

function rehearseLabel(tab: Props['tab'], { result }: Rehearsing): string {
  if (tab === 'preview') return result ? 'Show the rehearsal' : 'Rehearse…';
  return result ? 'Rehearse again' : 'Rehearse now';
}

/** Whether the box lets the run go on in spite of it. */
const canPassOver = ({ code, details }: { code: string; details?: unknown }, isDown: boolean) =>
  code === 'out_of_order' || (isDown && (details as { reason?: string })?.reason === 'missing_file_above');
