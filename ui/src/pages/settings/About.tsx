import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useChannel } from '../../api/queries';
import classes from './settings.module.css';

const PARTS = [
  ['dbmate', 'MIT'],
  ['migrate-mongo', 'MIT'],
  ['Node.js', 'MIT'],
  ['PostgreSQL', 'PostgreSQL Licence'],
  ['React, Mantine, TanStack Query, Monaco Editor, Tabler Icons', 'MIT'],
  ['Inter, JetBrains Mono', 'SIL Open Font Licence 1.1'],
];

/** The version, where the app keeps its own data, and what it is made of. */
export function About() {
  const { data } = useChannel('app:info', {});
  if (!data) return null;
  const rows: Array<[string, string]> = [
    ['Data folder', data.home],
    ['Log', data.log_file],
  ];
  return (
    <>
      <div className={classes.about}>
        <img src="/icon.svg" alt="" width={40} height={40} />
        <div>
          <div className={classes.product}>DB Toolkit {data.version}</div>
          <div className="dim">
            {data.platform} · {data.window ? 'in its own window' : 'in the browser'} · {data.user}
          </div>
        </div>
      </div>
      <dl className={classes.paths}>
        {rows.map(([label, path]) => (
          <div key={label} className={classes.row}>
            <dt>{label}</dt>
            <dd className="mono">
              <span>{path}</span>
              <CopyButton value={path}>
                {({ copied, copy }) => (
                  <Tooltip label={copied ? 'Copied' : 'Copy the path'}>
                    <ActionIcon aria-label={`Copy the path of the ${label.toLowerCase()}`} onClick={copy}>
                      {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
                    </ActionIcon>
                  </Tooltip>
                )}
              </CopyButton>
            </dd>
          </div>
        ))}
      </dl>
      <h2 className={classes.heading}>Licences</h2>
      <p className="dim">DB Toolkit is under the Apache Licence 2.0. It stands on:</p>
      <dl className={classes.paths}>
        {PARTS.map(([part, licence]) => (
          <div key={part} className={classes.row}>
            <dt className={classes.part}>{part}</dt>
            <dd className="dim">{licence}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
