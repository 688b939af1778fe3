/** Marking files as applied or not: nothing runs, so there is nothing to preview. Enter does it. */
import { Button, Modal } from '@mantine/core';
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { EnvironmentTag } from '../EnvironmentTag';
import { Kbd } from '../Kbd';
import classes from './RunSheet.module.css';
import { BaselineView } from './RunSheetPlan';
import { type SheetProps, titleOf } from './sheet';
import { TypeName } from './TypeName';
import { actionLabel } from './words';

export function BaselineSheet({ question, connection, onClose, onRun }: SheetProps) {
  const [typed, setTyped] = useState('');
  const asks = connection.environment === 'production';
  const ready = !connection.read_only && (!asks || typed.trim() === connection.name);
  const count = question.versions?.length ?? 0;
  const button = useRef<HTMLButtonElement>(null);
  const typing = useRef<HTMLInputElement>(null);
  useEffect(() => (typing.current ?? button.current)?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onRun(question, false, asks ? connection.name : undefined);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={600}
      yOffset="9vh"
      centered={false}
      title={
        <span className={classes.title}>
          {titleOf(question)} {connection.name}
          <EnvironmentTag environment={connection.environment} />
        </span>
      }
    >
      <form onSubmit={submit}>
        <BaselineView question={question} />
        {asks && <TypeName name={connection.name} value={typed} onChange={setTyped} inputRef={typing} />}
        <div className={classes.buttons}>
          <span className={classes.keys}>
            {ready && (
              <>
                <Kbd keys="enter" /> to do it
              </>
            )}
            <Kbd keys="escape" /> to close
          </span>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={asks ? 'red' : undefined}
            disabled={!ready}
            leftSection={<IconPlayerPlayFilled size={12} />}
            ref={button}
          >
            {actionLabel(question, count, connection.name)}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
