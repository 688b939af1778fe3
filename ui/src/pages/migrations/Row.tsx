/** One migration in the list. */
// biome-ignore-all lint/a11y/useSemanticElements: a grid of virtual rows is no <table>.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names its active row.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys.
import { ActionIcon, Checkbox, Tooltip } from '@mantine/core';
import { IconDots, IconHelpCircle } from '@tabler/icons-react';
import { memo } from 'react';
import type { Migration } from '../../api/types.generated';
import { CommentCount } from '../../components/comments/CommentCount';
import { RelativeTime } from '../../components/RelativeTime';
import { type Status, StatusBadge } from '../../components/StatusBadge';
import { formatDuration } from '../../lib/format';
import { Flags } from './Flags';
import classes from './migrations.module.css';

interface Props {
  migration: Migration;
  connection: string;
  at: number;
  top: number;
  isActive: boolean;
  isChosen: boolean;
  /** What a run is doing to it now. */
  state: string | undefined;
  /** The database does not answer: the status is the one seen last. */
  isUnknown: boolean;
  /** How many comments it has. */
  comments: number | undefined;
  onPress(at: number, event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): void;
  onToggle(at: number, range: boolean): void;
  onOpen(at: number): void;
  onMenu(at: number, x: number, y: number): void;
}

export const rowId = (at: number) => `migration-${at}`;

export const Row = memo(function Row(props: Props) {
  const { migration, at, top, isActive, isChosen, state } = props;
  const status = statusOf(migration, state);
  return (
    <div
      id={rowId(at)}
      role="row"
      aria-rowindex={at + 2}
      aria-selected={isChosen}
      className={classes.row}
      data-active={isActive || undefined}
      data-chosen={isChosen || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => props.onPress(at, event)}
      onDoubleClick={() => props.onOpen(at)}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu(at, event.clientX, event.clientY);
      }}
    >
      <div
        role="gridcell"
        className={classes.check}
        onClick={(event) => {
          event.stopPropagation();
          event.preventDefault();
          props.onToggle(at, event.shiftKey);
        }}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Checkbox checked={isChosen} readOnly tabIndex={-1} aria-label={`Choose ${migration.filename}`} />
      </div>
      <div role="gridcell" className={classes.status}>
        {props.isUnknown ? (
          <Tooltip label={`The database does not answer. Seen last: ${status}.`}>
            <span className={classes.unknown}>
              <IconHelpCircle size={14} aria-hidden />
              Unknown
            </span>
          </Tooltip>
        ) : (
          <Tooltip
            label={migration.error}
            disabled={!migration.error || status !== 'failed'}
            multiline
            maw={420}
          >
            <span>
              <StatusBadge status={status} plain />
            </span>
          </Tooltip>
        )}
      </div>
      <div role="gridcell" className={classes.name}>
        <button
          type="button"
          tabIndex={-1}
          className={classes.open}
          onClick={(event) => {
            if (event.shiftKey || event.ctrlKey || event.metaKey) return;
            event.stopPropagation();
            props.onOpen(at);
          }}
        >
          <span className="truncate">{migration.name}</span>
        </button>
        <span className={`mono faint ${classes.version}`}>{versionOf(migration)}</span>
        <Flags migration={migration} connection={props.connection} />
        <CommentCount
          count={props.comments}
          connection={props.connection}
          version={migration.version}
          name={migration.name}
        />
      </div>
      <div role="gridcell" className={classes.tables}>
        <Tables names={migration.tables} />
      </div>
      <div role="gridcell" className={`${classes.author} truncate dim`}>
        {migration.author && (
          <Tooltip
            label={migration.author_source === 'git' ? 'Wrote it, says git' : 'Ran it, says DB Toolkit'}
          >
            <span className="truncate">{migration.author}</span>
          </Tooltip>
        )}
      </div>
      <div role="gridcell" className={`${classes.when} dim`}>
        {migration.applied_at ? (
          <RelativeTime at={migration.applied_at} />
        ) : (
          <span className="faint">{migration.status === 'applied' && !state ? 'unknown' : ''}</span>
        )}
      </div>
      <div role="gridcell" className={`${classes.time} tabular dim`}>
        {formatDuration(migration.duration_ms)}
      </div>
      <div role="gridcell" className={classes.more}>
        <ActionIcon
          size={24}
          tabIndex={-1}
          aria-label={`Actions for ${migration.name}`}
          onClick={(event) => {
            event.stopPropagation();
            const box = event.currentTarget.getBoundingClientRect();
            props.onMenu(at, box.right, box.bottom + 2);
          }}
        >
          <IconDots size={16} />
        </ActionIcon>
      </div>
    </div>
  );
});

function Tables({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Tooltip label={names.join(', ')} disabled={names.length < 2} multiline maw={320}>
      <span className="truncate dim">
        {names.slice(0, 2).join(', ')}
        {names.length > 2 && <span className="faint"> +{names.length - 2}</span>}
      </span>
    </Tooltip>
  );
}

/** migrate-mongo's version is the whole filename: its leading number says enough. */
const versionOf = ({ version }: Migration) => /^\d+/.exec(version)?.[0] ?? version;

function statusOf(migration: Migration, state: string | undefined): Status {
  if (state === 'running' || state === 'ran') return state;
  if (state === 'applied' || state === 'failed' || state === 'rolled_back') return state;
  return migration.status;
}
