/** Both texts side by side: where the file changed on disk, a choice; where an applied file was edited, a look. */
import { Button, Modal } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { LanguageId } from '../../editor/languages';
import { DiffEditor } from '../../editor/lazy';
import { wholeOf } from './document';
import classes from './editor.module.css';
import type { Conflict, Doc } from './useDocument';

interface Props {
  doc: Doc;
  language: LanguageId;
  /** The user wants to see what ran beside the file. */
  comparing: boolean;
  onCompareEnd(): void;
}

export function ConflictDialog({ doc, language, comparing, onCompareEnd }: Props) {
  const [later, setLater] = useState<string | null>(null);
  const { conflict } = doc;
  const isOpen = conflict !== null && conflict.sha256 !== later;
  return (
    <>
      {conflict && !isOpen && (
        <div className={classes.conflictBar} role="alert">
          <IconAlertTriangle size={16} aria-hidden />
          <span>The file changed on disk while you edited it. It cannot be saved before you choose.</span>
          <Button onClick={() => setLater(null)}>Compare and choose</Button>
        </div>
      )}
      {conflict && isOpen && (
        <Choice
          key={conflict.sha256}
          doc={doc}
          conflict={conflict}
          language={language}
          onLater={() => setLater(conflict.sha256)}
        />
      )}
      {comparing && doc.base.file.ran !== null && (
        <Modal opened onClose={onCompareEnd} size="min(1200px, 94vw)" title="What ran, and the file now">
          <Sides left="As it ran" right="The file now" />
          <div className={classes.diff}>
            <DiffEditor
              original={doc.base.file.ran}
              modified={doc.base.file.content}
              originalLabel="As it ran"
              modifiedLabel="The file now"
              language={language}
            />
          </div>
        </Modal>
      )}
    </>
  );
}

interface ChoiceProps {
  doc: Doc;
  conflict: Conflict;
  language: LanguageId;
  onLater(): void;
}

function Choice({ doc, conflict, language, onLater }: ChoiceProps) {
  const [mine] = useState(() => wholeOf(doc.texts, doc.base) ?? halvesAsText(doc));
  const [merged, setMerged] = useState(mine);
  const isMerged = merged !== mine;
  // Where nothing tells them apart, there is nothing to choose.
  const same = mine === conflict.content;
  const { discard } = doc;
  useEffect(() => {
    if (same) void discard();
  }, [same, discard]);
  const keep = (content: string) => void doc.save({ content, expected: conflict.sha256 });
  return (
    <Modal
      opened
      onClose={onLater}
      closeOnClickOutside={false}
      size="min(1240px, 95vw)"
      title={
        <span className={classes.conflictTitle}>
          <IconAlertTriangle size={18} aria-hidden /> {doc.base.file.migration.filename} changed on disk
        </span>
      }
    >
      <p className={classes.conflictText}>
        Another program wrote the file while you edited it. Nothing is overwritten before you choose. The
        right side can be edited: take over what you want of the left.
      </p>
      <Sides left="On disk now" right={isMerged ? 'Merged' : 'Yours'} />
      <div className={classes.diff}>
        <DiffEditor
          original={conflict.content}
          modified={mine}
          originalLabel="On disk now"
          modifiedLabel="Yours, to edit"
          language={language}
          onChange={setMerged}
        />
      </div>
      <div className={classes.conflictButtons}>
        <Button variant="subtle" color="gray" onClick={onLater}>
          Decide later
        </Button>
        <span className={classes.grow} />
        <Button variant="default" loading={doc.saving} onClick={() => void doc.discard()}>
          Take the disk’s
        </Button>
        <Button variant={isMerged ? 'default' : 'filled'} loading={doc.saving} onClick={() => keep(mine)}>
          Keep mine
        </Button>
        <Button
          variant={isMerged ? 'filled' : 'default'}
          loading={doc.saving}
          disabled={!isMerged}
          onClick={() => keep(merged)}
        >
          Save the merged text
        </Button>
      </div>
    </Modal>
  );
}

function Sides({ left, right }: { left: string; right: string }) {
  return (
    <div className={classes.sides} aria-hidden>
      <span>{left}</span>
      <span>{right}</span>
    </div>
  );
}

/** For functions whose place in the file only the backend knows. */
const halvesAsText = ({ texts }: Doc) =>
  `module.exports = {\n  async up(db, client) {\n${indent(texts.up)}\n  },\n\n  async down(db, client) {\n${indent(texts.down)}\n  },\n};\n`;

const indent = (body: string) =>
  body
    .split('\n')
    .map((line) => (line.trim() ? `    ${line}` : ''))
    .join('\n');
