/** The migrations as the fields stand now, read-only and at once. */
import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import type { Connection } from '../../api/types.generated';
import { dialectOf, languageOf } from '../../editor/languages';
import { Code } from './Code';
import { FileTabs } from './FileTabs';
import { messageOfField } from './fields/values';
import { fileTitle } from './state';
import type { Chosen } from './useTemplate';
import type { Wizard } from './useWizard';
import classes from './wizard.module.css';

interface Props {
  connection: Connection;
  wizard: Wizard;
  chosen: Chosen;
}

export function Preview({ connection, wizard, chosen }: Props) {
  const { rendered, problem, isRendering } = chosen;
  const [at, setAt] = useState(0);
  const file = rendered?.files[Math.min(at, rendered.files.length - 1)];
  if (!rendered || !file)
    return (
      <section className={classes.preview} aria-label="Preview">
        <div className={classes.previewEmpty}>
          <IconEye size={22} aria-hidden />
          {missingOf(chosen) ?? (isRendering ? <Loader /> : wrongOf(chosen))}
        </div>
      </section>
    );
  // migrate-mongo knows no transaction of a file.
  const isMongo = connection.engine === 'mongodb';
  const language = languageOf(connection.engine, isMongo ? 'a.js' : 'a.sql');
  const shared = {
    language,
    dialect: dialectOf(connection.engine),
    readOnly: true,
    wrap: true,
    onChange: () => undefined,
  };
  return (
    <section className={classes.preview} aria-label="Preview" data-stale={!chosen.isCurrent || undefined}>
      {rendered.files.length > 1 && (
        <FileTabs
          titles={rendered.files.map((one) => one.step ?? fileTitle(wizard.state, one))}
          at={at}
          onChange={setAt}
        />
      )}
      <div className={classes.previewHead}>
        <h3>Up</h3>
        <span className="faint truncate">what applying does</span>
        {!isMongo && !file.transaction && <span className={classes.outside}>outside a transaction</span>}
      </div>
      <div className={classes.code}>
        <Code key="up" {...shared} value={file.up} label="Preview of up" />
      </div>
      <div className={classes.previewHead}>
        <h3>Down</h3>
        <span className="faint truncate">what rolling back does</span>
        {!isMongo && !file.transaction_down && <span className={classes.outside}>outside a transaction</span>}
      </div>
      <div className={classes.code}>
        <Code key="down" {...shared} value={file.down} label="Preview of down" />
      </div>
      {problem && <p className={classes.previewNote}>{missingOf(chosen) ?? wrongOf(chosen)}</p>}
      <Warnings warnings={rendered.warnings} />
    </section>
  );
}

export function Warnings({ warnings }: { warnings: string[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul className={classes.warnings} aria-label="Worth knowing">
      {warnings.map((one) => (
        <li key={one}>
          <IconAlertTriangle size={15} aria-hidden /> <span>{one}</span>
        </li>
      ))}
    </ul>
  );
}

/** "Fill in Table and Column to see it." */
function missingOf({ template, problem }: Chosen): string | null {
  const { fields } = (problem?.details ?? {}) as { fields?: string[] };
  if (!template || !Array.isArray(fields)) return null;
  const labels = template.fields.filter((one) => fields.includes(one.name)).map((one) => one.label);
  const last = labels.pop();
  return `Still to fill in: ${labels.length > 0 ? `${labels.join(', ')} and ${last}` : last}.`;
}

/** What is wrong, by the field's label as it stands beside it. */
function wrongOf({ template, problem }: Chosen): string | undefined {
  const { field } = (problem?.details ?? {}) as { field?: string };
  const label = template?.fields.find((one) => one.name === field)?.label;
  return label && problem ? `${label}: ${messageOfField(problem.message)}` : problem?.message;
}
