/** A folder of another tool: chosen, looked through file by file, converted into this connection, and what came of it. */
import { Button, Checkbox, Loader, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconFolder } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { isDeclined, useAction } from '../../api/actions';
import { useChannel } from '../../api/queries';
import type { Connection, Conversion } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { FolderPicker } from '../connection/FolderPicker';
import { ErrorPanel } from '../ErrorPanel';
import classes from './convert.module.css';
import { Done } from './Done';
import { Files } from './Files';
import { Placeholders, placeholdersOf } from './Placeholders';

interface Props {
  connection: Connection;
  onDone(): void;
}

export function ConvertFlow({ connection, onDone }: Props) {
  const [typed, setTyped] = useState('');
  const [path, setPath] = useState('');
  const [isPicking, setPicking] = useState(false);
  const [tool, setTool] = useState<string | null>(null);
  const [downs, setDowns] = useState(true);
  const [marks, setMarks] = useState(true);
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const [failedAs, setFailedAs] = useState<'applied' | 'pending' | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const asked = { path, tool, generate_downs: downs, placeholders: values };
  const look = useChannel(
    'convert:inspect',
    { ...asked, connection: connection.id },
    {
      enabled: path !== '',
      staleTime: 0,
      placeholderData: (before) => (before?.path === path ? before : undefined),
    },
  );
  const run = useAction('convert:run', { quiet: true });
  const choose = (to: string) => {
    setTyped(to);
    setPath(to);
    setTool(null);
    setOut(new Set());
    setValues({});
    setFailedAs(null);
    run.reset();
  };
  if (run.data) return <Done connection={connection} converted={run.data} onDone={onDone} />;

  const found = look.data;
  const taken = found?.files.filter((one) => !out.has(one.key)) ?? [];
  const bad = taken.filter((one) => one.problems.length > 0 || one.state === 'taken');
  const failed = taken.filter((one) => one.status === 'failed');
  const hindrance =
    bad.length > 0
      ? `${plural(bad.length, 'file')} cannot be converted: mend or leave out`
      : marks && failed.length > 0 && !failedAs
        ? 'Say what the failed ones count as'
        : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    choose(typed.trim());
  };
  return (
    <div className={classes.flow}>
      <div className={classes.source}>
        <TextInput
          label="Folder of the other tool's migrations"
          classNames={{ input: 'mono' }}
          placeholder="~/project/db/migration"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && submit(event)}
          onBlur={() => typed.trim() !== path && choose(typed.trim())}
          spellCheck={false}
          autoComplete="off"
          autoFocus
        />
        <Button variant="default" leftSection={<IconFolder size={15} />} onClick={() => setPicking(true)}>
          Choose…
        </Button>
        <Select
          label="Tool"
          placeholder="Recognised"
          data={(found?.tools ?? []).map((one) => ({ value: one.name, label: one.label }))}
          value={tool ?? found?.tool.name ?? null}
          onChange={setTool}
          disabled={!found && !tool}
          allowDeselect={false}
        />
      </div>
      {path === '' && (
        <p className={classes.quiet}>
          Nothing is written before you have seen every file. The old folder and its table in the database
          stay as they are.
        </p>
      )}
      {path !== '' && look.isPending && (
        <p className={classes.quiet}>
          <Loader size="xs" /> Reading the folder…
        </p>
      )}
      {look.error && (
        <div className={classes.error}>
          <ErrorPanel
            error={look.error}
            connection={connection.id}
            onRetry={() => void look.refetch()}
            compact
          />
        </div>
      )}
      {found && !look.error && (
        <>
          <Facts look={found} connection={connection} />
          <Placeholders names={placeholdersOf(found)} values={values} onChange={setValues} />
          <Files look={found} out={out} onOut={setOut} />
          {run.error && !isDeclined(run.error) && (
            <div className={classes.error}>
              <ErrorPanel
                error={run.error}
                connection={connection.id}
                onRetry={() => void look.refetch()}
                compact
              />
            </div>
          )}
          <div className={classes.foot}>
            <Checkbox
              label="Write missing downs"
              checked={downs}
              onChange={(event) => setDowns(event.currentTarget.checked)}
            />
            <Checkbox
              label="Mark what is applied there"
              checked={marks}
              onChange={(event) => setMarks(event.currentTarget.checked)}
            />
            {marks && failed.length > 0 && (
              <SegmentedControl
                aria-label="Failed ones count as"
                data={[
                  { value: '', label: `${failed.length} failed: ?` },
                  { value: 'applied', label: 'applied' },
                  { value: 'pending', label: 'pending' },
                ]}
                value={failedAs ?? ''}
                onChange={(to) => setFailedAs(to === '' ? null : (to as 'applied' | 'pending'))}
              />
            )}
            <span className={hindrance ? classes.bad : undefined}>{hindrance}</span>
            <Button
              loading={run.isPending}
              disabled={hindrance !== null || taken.length === 0 || look.isFetching || connection.read_only}
              onClick={() =>
                run.mutate({
                  ...asked,
                  connection: connection.id,
                  sha256: found.sha256,
                  leave_out: [...out],
                  baseline: marks,
                  failed_as: failedAs,
                })
              }
            >
              Convert {taken.length} into {connection.name}
            </Button>
          </div>
        </>
      )}
      {isPicking && (
        <FolderPicker
          title="The other tool's migrations"
          action="Look through this folder"
          start={path || null}
          onClose={() => setPicking(false)}
          onChoose={(to) => {
            setPicking(false);
            choose(to);
          }}
        />
      )}
    </div>
  );
}

/** What was recognised, and what its table says. */
function Facts({ look, connection }: { look: Conversion; connection: Connection }) {
  const { there } = look;
  return (
    <div className={classes.facts} role="status">
      <span>
        <b>{look.tool.label}</b> {look.tool.evidence && `· ${look.tool.evidence}`}
      </span>
      {there?.found && !there.problem && (
        <span>
          <span className="mono">{there.table}</span> in {connection.name}:{' '}
          {plural(there.applied, 'migration')} applied
          {there.failed.length > 0 && <span className={classes.bad}>, {there.failed.length} failed</span>}
          {there.unknown.length > 0 && (
            <span className={classes.warn}>
              , {there.unknown.length} without a file: {there.unknown.slice(0, 3).join(', ')}
            </span>
          )}
        </span>
      )}
      {there && !there.found && !there.problem && (
        <span>
          There is no <span className="mono">{there.table}</span> in {connection.name}: all count as pending
        </span>
      )}
      {there?.problem && <span className={classes.bad}>What is applied is not known: {there.problem}</span>}
      {look.migrations_table && look.migrations_table !== connection.migrations_table && (
        <span className={classes.warn}>
          That table is theirs: {connection.name} will use{' '}
          <span className="mono">{look.migrations_table}</span>
        </span>
      )}
    </div>
  );
}
