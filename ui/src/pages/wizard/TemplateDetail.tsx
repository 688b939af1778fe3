/** What a template does, why it is written so, what it asks for, and whose it is. */
import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconInfoCircle,
  IconShieldCheck,
  IconTrash,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import type { Template } from '../../api/types.generated';
import badges from '../../components/badges.module.css';
import { plural, shortPath } from '../../lib/format';
import { isSafeForm } from './state';
import classes from './wizard.module.css';

/** Beside a template's title: safe form, loses data, own or team's. */
export function TemplateMarks({ template }: { template: Template }) {
  return (
    <span className={classes.marks}>
      {isSafeForm(template) && (
        <Tooltip label="The safe form">
          <span className={`${badges.badge} ${badges.plain} ${badges.green}`}>
            <IconShieldCheck size={14} aria-hidden /> Safe
          </span>
        </Tooltip>
      )}
      {template.destructive && (
        <Tooltip label="Data is lost, whatever down does">
          <span className={`${badges.badge} ${badges.plain} ${badges.red}`}>
            <IconTrash size={14} aria-hidden /> Loses data
          </span>
        </Tooltip>
      )}
      {template.source === 'user' && (
        <span className={`${badges.badge} ${badges.plain} ${badges.gray}`}>
          <IconUser size={14} aria-hidden /> Yours
        </span>
      )}
      {template.source === 'team' && (
        <span className={`${badges.badge} ${badges.plain} ${badges.gray}`}>
          <IconUsers size={14} aria-hidden /> Team
        </span>
      )}
    </span>
  );
}

const OVERRIDDEN = { shipped: 'the one that comes with the app', user: 'your own', team: 'the team’s' };

export function TemplateDetail({ template, folders }: { template: Template; folders: string[] }) {
  return (
    <>
      <h2 className={classes.detailTitle}>
        {template.title} <TemplateMarks template={template} />
      </h2>
      <p className={classes.about}>{template.description}</p>
      <SafeNote template={template} />
      {template.steps.length > 0 && (
        <>
          <h3 className={classes.small}>Makes {plural(template.steps.length, 'migration')}</h3>
          <ol className={classes.steps}>
            {template.steps.map((step) => (
              <li key={step} className="mono">
                {step}
              </li>
            ))}
          </ol>
        </>
      )}
      {template.fields.length > 0 && (
        <>
          <h3 className={classes.small}>Asks for</h3>
          <ul className={classes.asks}>
            {template.fields.map((field) => (
              <li key={field.name}>
                {field.label}
                {!field.required && <span className="faint"> · optional</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      {template.source === 'shipped' ? (
        <OwnFolders folders={folders} />
      ) : (
        <p className={classes.path}>
          {template.source === 'user' ? 'Yours' : 'The team’s'}:{' '}
          <span className="mono">{shortPath(template.path)}</span>
          {template.overrides && <>, instead of {OVERRIDDEN[template.overrides]}</>}
        </p>
      )}
    </>
  );
}

export function SafeNote({ template }: { template: Template }) {
  if (!template.safe) return null;
  const tone = template.destructive ? 'red' : isSafeForm(template) ? 'green' : 'gray';
  const Icon = { red: IconAlertTriangle, green: IconShieldCheck, gray: IconInfoCircle }[tone];
  return (
    <p className={`${classes.safe} ${classes[tone]}`}>
      <Icon size={16} aria-hidden />
      <span>{template.safe}</span>
    </p>
  );
}

function OwnFolders({ folders }: { folders: string[] }) {
  if (folders.length === 0) return null;
  return (
    <details className={classes.own}>
      <summary>Templates of your own</summary>
      <p>A file put into one of these folders appears here; one with the same name stands in for this one.</p>
      <ul>
        {folders.map((folder) => (
          <li key={folder} className="mono">
            {shortPath(folder)}
          </li>
        ))}
      </ul>
    </details>
  );
}
