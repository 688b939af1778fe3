/** What a page shows, as a file: downloaded in a browser, or written to a path on this machine. */
import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconChevronDown, IconFileExport } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { asChannelError, type ChannelError } from '../../api/invoke';
import { formatBytes } from '../../lib/format';
import dialogs from '../dialogs.module.css';
import { ErrorPanel } from '../ErrorPanel';
import { notifySuccess } from '../notify';

export interface ExportFormat {
  id: string;
  label: string;
  suffix: string;
  type: string;
}

interface Written {
  /** The content to download; null where it was written to a path. */
  text: string | Blob | null;
  path: string | null;
  filename: string;
  size_bytes: number;
}

interface Props {
  /** Begins the file's name. */
  name: string;
  formats: ExportFormat[];
  write(format: string, path: string | null, overwrite: boolean): Promise<Written>;
}

const isWindow = () => document.documentElement.dataset.shell === 'window';

export function ExportMenu({ name, formats, write }: Props) {
  const [chosen, setChosen] = useState<ExportFormat | null>(null);
  return (
    <>
      <Menu position="bottom-end" withinPortal={false}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconFileExport size={15} />}
            rightSection={<IconChevronDown size={13} />}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map((format) => (
            <Menu.Item key={format.id} onClick={() => setChosen(format)}>
              {format.label}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {chosen && (
        <ExportDialog
          key={chosen.id}
          name={name}
          format={chosen}
          write={write}
          onClose={() => setChosen(null)}
        />
      )}
    </>
  );
}

interface DialogProps extends Omit<Props, 'formats'> {
  format: ExportFormat;
  onClose(): void;
}

function ExportDialog({ name, format, write, onClose }: DialogProps) {
  const day = new Date().toISOString().slice(0, 10);
  const [path, setPath] = useState(`~/Downloads/${name}-${day}.${format.suffix}`);
  const [busy, setBusy] = useState<'download' | 'save' | null>(null);
  const [error, setError] = useState<ChannelError | null>(null);

  const run = async (how: 'download' | 'save', overwrite = false) => {
    setBusy(how);
    setError(null);
    try {
      const written = await write(format.id, how === 'save' ? path.trim() : null, overwrite);
      if (written.text !== null) download(written.filename, written.text, format.type);
      else notifySuccess(`Exported, ${formatBytes(written.size_bytes)}`, written.path ?? undefined);
      onClose();
    } catch (problem) {
      setError(asChannelError(problem));
      setBusy(null);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run('save');
  };
  return (
    <Modal opened onClose={onClose} title={`Export as ${format.label}`} size={520}>
      <form onSubmit={submit}>
        <TextInput
          label="File on this machine"
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
        {error && (
          <div className={dialogs.error}>
            <ErrorPanel error={error} compact />
          </div>
        )}
        <div className={dialogs.buttons}>
          {!isWindow() && (
            <Button
              variant="default"
              mr="auto"
              loading={busy === 'download'}
              disabled={busy !== null}
              onClick={() => void run('download')}
            >
              Download
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {error?.code === 'conflict' ? (
            <Button color="red" loading={busy === 'save'} onClick={() => void run('save', true)}>
              Overwrite the file
            </Button>
          ) : (
            <Button type="submit" loading={busy === 'save'} disabled={!path.trim() || busy !== null}>
              Save the file
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

function download(filename: string, text: string | Blob, type: string) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
