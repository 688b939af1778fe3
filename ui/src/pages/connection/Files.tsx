/** Where a connection's files are: the bare tool works in the same folder. */
import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { Connection } from '../../api/types.generated';
import classes from './connection.module.css';

export function Files({ connection }: { connection: Connection }) {
  const rows: Array<[string, string]> = [
    [connection.adopted ? 'Project folder' : 'Folder', connection.folder],
    ...connection.migrations_dirs.map((folder): [string, string] => ['Migrations', folder]),
    ['Schema file', connection.schema_file],
  ];
  return (
    <>
      <p className={classes.lead}>
        {connection.adopted
          ? `This is a project of your own, used in place. ${connection.tool} goes on working in it.`
          : `The bare ${connection.tool} works in this folder too.`}
      </p>
      <dl className={classes.files}>
        {rows.map(([label, path]) => (
          <div key={`${label} ${path}`} className={classes.file}>
            <dt>{label}</dt>
            <dd className="mono">
              <span>{path}</span>
              <CopyButton value={path}>
                {({ copied, copy }) => (
                  <Tooltip label={copied ? 'Copied' : 'Copy the path'}>
                    <ActionIcon aria-label={`Copy the path of ${label.toLowerCase()}`} onClick={copy}>
                      {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                    </ActionIcon>
                  </Tooltip>
                )}
              </CopyButton>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
