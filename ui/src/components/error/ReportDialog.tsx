/** "Report issue": a prefilled text with versions and details, to be read, completed and copied. Nothing is sent by itself. */
import { Anchor, Button, Loader, Modal, Textarea } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import type { ChannelError } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import { CopyTextButton } from '../CopyTextButton';
import classes from '../dialogs.module.css';
import { shapeOf, textOf } from './report';

interface Props {
  error: ChannelError;
  connection: string | null;
  onClose(): void;
}

export function ReportDialog({ error, connection, onClose }: Props) {
  const report = useChannel(
    'error:report',
    { error: { ...shapeOf(error) }, channel: error.channel, connection, probe: connection !== null },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const [edited, setEdited] = useState<string | null>(null);
  const text = edited ?? report.data?.markdown ?? (report.error ? textOf(error) : null);
  return (
    <Modal opened onClose={onClose} title="Report issue" size={680}>
      <p className={classes.text}>
        This text says what is needed to find the fault. Passwords are taken out; read it through, and add
        what you did. Nothing is sent by itself.
      </p>
      {text === null ? (
        <Loader size="sm" aria-label="Writing the report" />
      ) : (
        <Textarea
          aria-label="Text of the report"
          value={text}
          onChange={(event) => setEdited(event.currentTarget.value)}
          autosize
          minRows={10}
          maxRows={18}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
        />
      )}
      <div className={classes.buttons}>
        {report.data?.url && (
          <Anchor
            href={report.data.url}
            target="_blank"
            rel="noreferrer"
            size="sm"
            style={{ alignSelf: 'center' }}
          >
            Open the list of issues <IconExternalLink size={13} aria-hidden />
          </Anchor>
        )}
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
        <CopyTextButton text={text ?? ''} label="Copy the text" disabled={text === null} data-autofocus />
      </div>
    </Modal>
  );
}
