/** What is edited, on which database it lands, whether it is saved, and what can be done with it. */
import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import {
  IconArrowLeft,
  IconCheck,
  IconCircleFilled,
  IconDeviceFloppy,
  IconEye,
  IconLayoutSidebarRight,
  IconListSearch,
  IconPlayerPlayFilled,
  IconWand,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { Connection, Migration } from '../../api/types.generated';
import { FlagBadge } from '../../components/FlagBadge';
import { SeverityBadge, worstOf } from '../../components/SeverityBadge';
import { StatusBadge } from '../../components/StatusBadge';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import type { View } from './document';
import classes from './editor.module.css';
import problems from './problems.module.css';
import type { Diagnostics } from './useDiagnostics';
import type { Doc } from './useDocument';

interface Props {
  connection: Connection;
  doc: Doc;
  found: Diagnostics;
  problemsOpen: boolean;
  readOnly: boolean;
  sideOpen: boolean;
  canFormat: boolean;
  onProblems(): void;
  onSide(): void;
  onView(view: View): void;
  onFormat(): void;
  onFind(): void;
  onSave(): void;
  onRun(): void;
  onPreview(): void;
}

export function Header(props: Props) {
  const { connection, doc } = props;
  const navigate = useNavigate();
  const { migration } = doc.base.file;
  return (
    <header className={classes.head}>
      <div className={classes.headLine}>
        <Tooltip label="Back to the migrations">
          <ActionIcon
            aria-label="Back to the migrations"
            onClick={() => navigate(paths.migrations(connection.id))}
          >
            <IconArrowLeft size={17} />
          </ActionIcon>
        </Tooltip>
        <h1 className={`truncate ${classes.title}`} title={migration.filename}>
          {migration.name}
        </h1>
        <StatusBadge status={migration.status} plain />
        {!migration.flags.includes('missing_file') && <Saved doc={doc} />}
        <div className={classes.actions}>
          <RunButtons {...props} />
        </div>
      </div>
      <div className={classes.headLine}>
        <div className={classes.facts}>
          <span className={`mono faint ${classes.version}`}>{versionOf(migration)}</span>
          {migration.flags.map((flag) => (
            <FlagBadge key={flag} flag={flag} />
          ))}
          <Found {...props} />
        </div>
        <div className={classes.actions}>
          {doc.base.splittable && (
            <SegmentedControl
              size="xs"
              aria-label="View"
              data={[
                { value: 'split', label: 'Up / Down' },
                { value: 'raw', label: 'File' },
              ]}
              value={doc.texts.view}
              onChange={(view) => props.onView(view as View)}
            />
          )}
          <Tooltip label="Format (Alt+Shift+F)">
            <ActionIcon size={26} aria-label="Format" disabled={!props.canFormat} onClick={props.onFormat}>
              <IconWand size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Find in all migrations (Ctrl+Shift+F)">
            <ActionIcon size={26} aria-label="Find in all migrations" onClick={props.onFind}>
              <IconListSearch size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Schema, outline, find, snippets (Ctrl+B)">
            <ActionIcon
              size={26}
              aria-label="Schema and snippets"
              aria-pressed={props.sideOpen}
              variant={props.sideOpen ? 'light' : 'subtle'}
              onClick={props.onSide}
            >
              <IconLayoutSidebarRight size={16} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </header>
  );
}

/** migrate-mongo's version is the whole filename: its leading number says enough. */
const versionOf = ({ version }: Migration) => /^\d+/.exec(version)?.[0] ?? version;

function RunButtons({ connection, doc, readOnly, onSave, onRun, onPreview }: Props) {
  const { migration } = doc.base.file;
  const isApplied = migration.status === 'applied';
  return (
    <>
      {!readOnly && (
        <Tooltip label="Ctrl+S">
          <Button
            variant={isApplied ? 'filled' : 'default'}
            leftSection={<IconDeviceFloppy size={15} />}
            disabled={!doc.dirty || doc.conflict !== null}
            loading={doc.saving}
            onClick={onSave}
          >
            Save
          </Button>
        </Tooltip>
      )}
      {!migration.flags.includes('missing_file') && (
        <Tooltip label="What it would do, read and rehearsed; nothing runs. Ctrl+Enter">
          <Button variant="default" leftSection={<IconEye size={15} />} onClick={onPreview}>
            Preview
          </Button>
        </Tooltip>
      )}
      {!isApplied && (
        <Tooltip
          label={
            connection.read_only
              ? `${connection.name} is read-only`
              : 'Shows the plan first. Ctrl+Shift+Enter'
          }
        >
          <Button
            leftSection={<IconPlayerPlayFilled size={12} />}
            color={connection.environment === 'production' ? 'red' : undefined}
            disabled={connection.read_only || doc.conflict !== null || doc.saving}
            onClick={onRun}
          >
            <span className={classes.runText}>
              {doc.dirty ? 'Save & apply' : 'Apply this'} to {connection.name}
            </span>
          </Button>
        </Tooltip>
      )}
    </>
  );
}

/** How many findings, and how bad the worst is. Nothing found is not the same as safe. */
function Found({ found, problemsOpen, onProblems }: Props) {
  const worst = worstOf(found.list.map((one) => one.level));
  if (!worst && !found.report) return null;
  return (
    <Tooltip label={`${problemsOpen ? 'Hide' : 'Show'} the findings (Ctrl+Shift+M)`}>
      <button type="button" className={problems.count} aria-expanded={problemsOpen} onClick={onProblems}>
        {worst ? (
          <>
            {plural(found.list.length, 'finding')} <SeverityBadge level={worst} plain />
          </>
        ) : (
          <span className="faint">Nothing found</span>
        )}
      </button>
    </Tooltip>
  );
}

function Saved({ doc }: { doc: Doc }) {
  if (doc.saving) return <span className={`dim ${classes.saved}`}>Saving…</span>;
  if (doc.dirty)
    return (
      <Tooltip label="Kept as a draft until you save it">
        <span className={classes.saved}>
          <IconCircleFilled size={8} aria-hidden /> Unsaved
        </span>
      </Tooltip>
    );
  return (
    <span className={`faint ${classes.saved}`}>
      <IconCheck size={14} aria-hidden /> Saved
    </span>
  );
}
