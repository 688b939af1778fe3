/** What generating would write beside the down that is there: replace it, put it after, or leave it. */
import { Button, Modal } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import dialogs from '../../components/dialogs.module.css';
import type { LanguageId } from '../../editor/languages';
import { DiffEditor } from '../../editor/lazy';
import { plural } from '../../lib/format';
import classes from './editor.module.css';
import type { DownMaker } from './useGenerateDown';

interface Props {
  maker: DownMaker;
  down: string;
  language: LanguageId;
  firstLine: number;
}

export function DownDialog({ maker, down, language, firstLine }: Props) {
  const { asking } = maker;
  if (!asking) return null;
  const lost = asking.steps.filter((one) => !one.undone);
  const isSame = asking.down.trim() === down.trim();
  return (
    <Modal opened onClose={maker.cancel} size="min(1100px, 94vw)" title="Down has text already">
      <p className={classes.conflictText}>
        {isSame
          ? 'What would be generated is what stands there.'
          : 'On the left what stands there, on the right what undoes up.'}{' '}
        {asking.used_schema && 'The live schema was looked at for what the text does not tell. '}
        {asking.schema_problem && `The database was not looked at: ${asking.schema_problem}`}
      </p>
      <div className={classes.sides} aria-hidden>
        <span>Down now</span>
        <span>Generated</span>
      </div>
      <div className={classes.diff}>
        <DiffEditor
          original={down}
          modified={asking.down}
          originalLabel="Down now"
          modifiedLabel="Generated"
          language={language}
        />
      </div>
      {lost.length > 0 && (
        <p className={classes.lost}>
          <IconAlertTriangle size={15} aria-hidden />
          <span>
            {plural(lost.length, 'statement')} cannot be undone:{' '}
            {lost.map((one) => `line ${one.line + firstLine - 1}`).join(', ')}.
          </span>
        </p>
      )}
      <div className={dialogs.buttons}>
        <Button variant="default" onClick={maker.cancel}>
          Cancel
        </Button>
        <Button variant="default" disabled={isSame} onClick={() => maker.choose('append')}>
          Put it after
        </Button>
        <Button disabled={isSame} onClick={() => maker.choose('replace')} data-autofocus>
          Replace
        </Button>
      </div>
    </Modal>
  );
}
