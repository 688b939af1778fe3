/** The migrations under the names of another tool, for those who leave. */
import { Button, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useAction } from '../../api/actions';
import type { Connection } from '../../api/types.generated';
import { useCommands } from '../../lib/commands';
import dialogs from '../dialogs.module.css';
import { ErrorPanel } from '../ErrorPanel';
import { notifyInfo, notifySuccess } from '../notify';

/** The command in the palette, and the dialog while it is open. */
export function useToolExport(connection: Connection, hasFiles: boolean): ReactNode {
  const [isOpen, setOpen] = useState(false);
  useCommands([
    {
      id: 'export-to-tool',
      label: 'Export to another tool…',
      group: 'Migrations',
      words: 'flyway golang-migrate convert leave',
      run: () => {
        if (connection.tool !== 'dbmate')
          notifyInfo('Export to another tool', 'These migrations are JavaScript.');
        else if (!hasFiles) notifyInfo('Export to another tool', 'There is no migration yet.');
        else setOpen(true);
      },
    },
  ]);
  return isOpen && <ExportToolDialog connection={connection} onClose={() => setOpen(false)} />;
}

export function ExportToolDialog({ connection, onClose }: { connection: Connection; onClose(): void }) {
  const [tool, setTool] = useState<'flyway' | 'golang-migrate'>('flyway');
  const [path, setPath] = useState(`~/${connection.id}-migrations`);
  const run = useAction('convert:export', {
    quiet: true,
    onSuccess: (written) => {
      notifySuccess(
        written.says,
        [written.path, ...written.notes.map((one) => `${one.file}: ${one.message}`)].join('\n'),
      );
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path.trim()) run.mutate({ connection: connection.id, tool, path: path.trim() });
  };
  return (
    <Modal opened onClose={onClose} title={`Export the migrations of ${connection.name}`} size={520}>
      <form onSubmit={submit}>
        <p className={dialogs.text}>
          For dbmate itself nothing is to do: it runs these files as they are. Other tools want other names.
        </p>
        <SegmentedControl
          fullWidth
          aria-label="Tool"
          data={[
            { value: 'flyway', label: 'Flyway' },
            { value: 'golang-migrate', label: 'golang-migrate' },
          ]}
          value={tool}
          onChange={(to) => setTool(to as typeof tool)}
        />
        <TextInput
          mt={12}
          label="Into this empty folder"
          description={
            tool === 'flyway' ? 'V…__name.sql, and U…__name.sql for each down' : '….up.sql and ….down.sql'
          }
          classNames={{ input: 'mono' }}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
        {run.error && (
          <div className={dialogs.error}>
            <ErrorPanel error={run.error} compact />
          </div>
        )}
        <div className={dialogs.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={run.isPending} disabled={!path.trim()}>
            Export for {tool === 'flyway' ? 'Flyway' : 'golang-migrate'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
