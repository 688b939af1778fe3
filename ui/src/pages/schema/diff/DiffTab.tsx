/** Two schemas side by side, the migration between them, and drift. `?compare=drift` looks for drift at once. */
import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { useConnections, useEngine } from '../../../api/connections';
import { runJob } from '../../../api/jobs';
import type { Connection } from '../../../api/types.generated';
import { ExportMenu } from '../../../components/export/ExportMenu';
import { APPLIED, LIVE, requestOf, type Side, schemaFileOf } from '../../../components/schemaDiff/sides';
import { type Diff, useDiff } from '../../../components/schemaDiff/state';
import { Workbench } from '../../../components/schemaDiff/Workbench';
import { DriftStrip } from './DriftStrip';
import { SaveActions } from './SaveActions';

const FORMATS = [
  { id: 'html', label: 'HTML', suffix: 'html', type: 'text/html' },
  { id: 'markdown', label: 'Markdown', suffix: 'md', type: 'text/markdown' },
  { id: 'json', label: 'JSON', suffix: 'json', type: 'application/json' },
];

export default function DiffTab({ connection }: { connection: Connection }) {
  const diff = useDiff(connection, 'schema');
  const [params, setParams] = useSearchParams();
  const asked = params.get('compare');
  const begun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for the address that asks for it.
  useEffect(() => {
    if (asked !== 'drift' || begun.current) return;
    begun.current = true;
    setParams({}, { replace: true });
    void diff.checkDrift();
  }, [asked]);
  return (
    <Workbench
      connection={connection}
      diff={diff}
      banner={<DriftStrip connection={connection} diff={diff} />}
      more={<Export connection={connection} diff={diff} />}
      actions={<SaveActions connection={connection} diff={diff} />}
      invitation={<Invitation connection={connection} diff={diff} />}
    />
  );
}

function Export({ connection, diff }: { connection: Connection; diff: Diff }) {
  const { compared, comparison, renames } = diff.state;
  const from = compared && requestOf(compared.from, connection);
  const to = compared && requestOf(compared.to, connection);
  if (!from || !to || !comparison) return null;
  return (
    <ExportMenu
      name={`schema-${connection.id}`}
      formats={FORMATS}
      write={(format, path, overwrite) =>
        runJob('schema:export', {
          from,
          to,
          renames,
          seen: { from: comparison.source.sha256, to: comparison.target.sha256 },
          format: format as 'html' | 'markdown' | 'json',
          path,
          overwrite,
        })
      }
    />
  );
}

function Invitation({ connection, diff }: { connection: Connection; diff: Diff }) {
  const engine = useEngine(connection.engine);
  const { data } = useConnections();
  const other = data?.connections.find((one) => one.engine === connection.engine && one.id !== connection.id);
  if (!engine) return null;
  const begin = (from: Side, to: Side) => {
    diff.change({ from, to });
    void diff.compare();
  };
  return (
    <>
      <Button variant="default" onClick={() => begin(APPLIED, LIVE)}>
        Migrations with {connection.name}
      </Button>
      <Button variant="default" onClick={() => begin(LIVE, { kind: 'file' })}>
        {connection.name} with {schemaFileOf(connection)}
      </Button>
      {other && (
        <Button variant="default" onClick={() => begin(LIVE, { kind: 'other', connection: other.id })}>
          {connection.name} with {other.name}
        </Button>
      )}
    </>
  );
}
