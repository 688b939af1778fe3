/** A fix that cannot live in this file: which migrations it makes, asked before they are made. */
import { Button, Modal } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import type { Connection } from '../../api/types.generated';
import dialogs from '../../components/dialogs.module.css';
import { ErrorPanel } from '../../components/ErrorPanel';
import { plural } from '../../lib/format';
import classes from './problems.module.css';
import type { Fixes } from './useFixes';

export function NewFilesDialog({ connection, fixes }: { connection: Connection; fixes: Fixes }) {
  const { asking } = fixes;
  if (!asking) return null;
  const { new_files: files, edits } = asking;
  return (
    <Modal opened onClose={fixes.decline} title={asking.title} size={620}>
      <p className={dialogs.text}>
        It makes {plural(files.length, 'migration')} to be applied after this one
        {edits.length > 0 ? ', and changes the text here; that is saved when you save it' : ''}.
      </p>
      {files.map((file) => (
        <section key={file.name} className={classes.newFile} aria-label={file.name}>
          <h3>
            <span className="mono truncate">{file.name}</span>
            {!file.transaction && <span className="dim">outside a transaction</span>}
          </h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
          <pre className="mono" tabIndex={0}>
            {file.up}
            {file.down && (
              <span className="faint">{`\n\n${lineComment(connection)} down\n${file.down}`}</span>
            )}
          </pre>
        </section>
      ))}
      {fixes.problem && <ErrorPanel error={fixes.problem} connection={connection.id} compact />}
      <div className={dialogs.buttons}>
        <Button variant="default" onClick={fixes.decline}>
          Cancel
        </Button>
        <Button
          leftSection={<IconFilePlus size={15} />}
          loading={fixes.isMaking}
          onClick={() => void fixes.agree()}
          data-autofocus
        >
          Make {plural(files.length, 'migration')} for {connection.name}
        </Button>
      </div>
    </Modal>
  );
}

const lineComment = (connection: Connection) => (connection.engine === 'mongodb' ? '//' : '--');
