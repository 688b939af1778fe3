/** The text before it is written: up and down of every file, to read or to change by hand. */
import { Button } from '@mantine/core';
import { IconGitCompare } from '@tabler/icons-react';
import { useState } from 'react';
import { useChannel } from '../../api/queries';
import type { Connection, RenderedTemplate } from '../../api/types.generated';
import { dialectOf, languageOf } from '../../editor/languages';
import { Code } from './Code';
import { FileTabs } from './FileTabs';
import { Warnings } from './Preview';
import { Risks, useRisks } from './Risks';
import { editedOf, fileNameOf, fileTitle, isEdited, signatureOf, textsOf, withEdited } from './state';
import type { Wizard } from './useWizard';
import classes from './wizard.module.css';

interface Props {
  connection: Connection;
  wizard: Wizard;
  rendered: RenderedTemplate;
}

export function Review({ connection, wizard, rendered }: Props) {
  const { state, change } = wizard;
  const [chosen, setAt] = useState(0);
  const at = Math.min(chosen, rendered.files.length - 1);
  const { data: catalog } = useChannel(
    'schema:catalog',
    { connection: connection.id },
    { staleTime: 60_000 },
  );
  const texts = textsOf(state, rendered);
  const file = rendered.files[at];
  const text = texts[at];
  const risks = useRisks(connection.id, file, text);
  if (!file || !text) return null;
  const isMongo = connection.engine === 'mongodb';
  const edited = editedOf(state);
  const moved = edited !== null && edited.of !== signatureOf(rendered);
  const discard = () => change((before) => withEdited(before, null));
  const edit = (half: 'up' | 'down', value: string) =>
    change((before) =>
      withEdited(before, {
        of: editedOf(before)?.of ?? signatureOf(rendered),
        files: {
          ...editedOf(before)?.files,
          [at]: { ...(textsOf(before, rendered)[at] ?? text), [half]: value },
        },
      }),
    );
  const half = (name: 'up' | 'down') => (
    <div className={classes.half}>
      <div className={classes.previewHead}>
        <h2>{name === 'up' ? 'Up' : 'Down'}</h2>
        <span className="faint truncate">
          {name === 'up' ? 'what applying does' : 'what rolling back does'}
        </span>
        {!isMongo && !(name === 'up' ? file.transaction : file.transaction_down) && (
          <span className={classes.outside}>outside a transaction</span>
        )}
      </div>
      <div className={classes.code}>
        <Code
          key={`${at} ${name}`}
          language={languageOf(connection.engine, isMongo ? 'a.js' : 'a.sql')}
          dialect={dialectOf(connection.engine)}
          catalog={catalog ?? null}
          value={text[name]}
          markers={risks.markers[name]}
          wrap
          onChange={(value) => edit(name, value)}
          label={name === 'up' ? 'Up' : 'Down'}
        />
      </div>
    </div>
  );
  return (
    <div className={classes.review}>
      {moved && (
        <div className={classes.moved} role="status">
          <IconGitCompare size={16} aria-hidden />
          <span>The fields changed after you edited the text. Your text is shown.</span>
          <Button variant="default" onClick={discard}>
            Take the new text
          </Button>
          <Button
            variant="default"
            onClick={() =>
              change((before) =>
                withEdited(before, { files: {}, ...editedOf(before), of: signatureOf(rendered) }),
              )
            }
          >
            Keep mine
          </Button>
        </div>
      )}
      {rendered.files.length > 1 && (
        <FileTabs titles={rendered.files.map((one) => one.step ?? one.name)} at={at} onChange={setAt} />
      )}
      <div className={classes.reviewFile}>
        <span className="mono truncate">{fileNameOf(fileTitle(state, file), isMongo)}</span>
        {isEdited(file, text) && (
          <>
            <span className="dim">changed by hand</span>
            {!moved && (
              <Button variant="subtle" color="gray" size="compact-sm" onClick={discard}>
                Back to the template’s text
              </Button>
            )}
          </>
        )}
      </div>
      <div className={classes.halves}>
        {half('up')}
        {half('down')}
      </div>
      <Warnings warnings={rendered.warnings} />
      <Risks risks={risks} />
    </div>
  );
}
