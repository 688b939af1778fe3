import { Button, Loader, Table } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconRefresh } from '@tabler/icons-react';
import { useEngines } from '../../api/connections';
import { useChannel } from '../../api/queries';
import { EngineIcon } from '../../components/EngineIcon';
import { ErrorPanel } from '../../components/ErrorPanel';
import { shortPath } from '../../lib/format';
import classes from './settings.module.css';

/** What the app runs: each bundled part answers for itself, and each engine says whether it can be used. */
export function Tools() {
  const { data, error, isFetching, refetch } = useChannel('app:self-check', {}, { staleTime: 5 * 60_000 });
  const engines = useEngines();
  return (
    <>
      <div className={classes.toolsHead}>
        <h2 className={classes.heading}>Tools</h2>
        <Button
          variant="default"
          leftSection={<IconRefresh size={15} />}
          loading={isFetching}
          onClick={() => void refetch()}
        >
          Check again
        </Button>
      </div>
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!data && !error && (
        <p className={classes.waiting} role="status">
          <Loader /> Asking each tool…
        </p>
      )}
      {data && (
        <Table verticalSpacing={6} className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Tool</Table.Th>
              <Table.Th>Version</Table.Th>
              <Table.Th>Where</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.tools.map((tool) => (
              <Table.Tr key={tool.name}>
                <Table.Td>
                  <Verdict ok={tool.ok} name={tool.name} />
                </Table.Td>
                <Table.Td className="tabular">{tool.version ?? '–'}</Table.Td>
                <Table.Td
                  className={tool.ok ? `mono ${classes.path}` : classes.problem}
                  title={tool.path ?? undefined}
                >
                  {tool.ok ? shortPath(tool.path ?? '', 4) : tool.problem}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <h2 className={classes.heading}>Engines</h2>
      <Table verticalSpacing={6} className={classes.table}>
        <Table.Tbody>
          {engines.map((engine) => (
            <Table.Tr key={engine.name}>
              <Table.Td>
                <span className={classes.engine}>
                  <EngineIcon engine={engine.name} /> {engine.label}
                </span>
              </Table.Td>
              <Table.Td className="dim">by {engine.tool}</Table.Td>
              <Table.Td className={engine.available ? undefined : classes.problem}>
                {engine.available ? <Verdict ok name="ready" /> : engine.problem}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function Verdict({ ok, name }: { ok: boolean; name: string }) {
  return (
    <span className={classes.engine}>
      {ok ? (
        <IconCircleCheck size={16} className={classes.good} role="img" aria-label="works" />
      ) : (
        <IconCircleX size={16} className={classes.bad} role="img" aria-label="does not work" />
      )}
      {name}
    </span>
  );
}
