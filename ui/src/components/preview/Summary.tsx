/** The whole of it in one line: what changes, how bad it is, how long it may take, and what nobody understood. */
import { SegmentedControl, Tooltip } from '@mantine/core';
import { IconClock, IconDatabaseOff } from '@tabler/icons-react';
import type { Preview } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { SeverityBadge } from '../SeverityBadge';
import { Badge, Counts } from './Badges';
import classes from './preview.module.css';
import type { Shown } from './rows';
import { basisText, estimateText } from './words';

interface Props {
  preview: Preview;
  shown: Shown;
  onShow(shown: Shown): void;
}

export function Summary({ preview, shown, onShow }: Props) {
  const statements = preview.files.flatMap((file) => file.statements);
  const findings = preview.files.reduce(
    (sum, file) =>
      sum + file.findings.length + file.statements.reduce((all, one) => all + one.findings.length, 0),
    0,
  );
  const risky = statements.filter((one) => one.findings.length > 0).length;
  const time = statements.length > 0 ? estimateText(preview.estimate) : null;
  return (
    <div className={classes.summary}>
      <Counts counts={preview.counts} />
      {preview.risk ? (
        <span className={classes.fact}>
          <SeverityBadge level={preview.risk} /> {plural(findings, 'finding')}
        </span>
      ) : (
        <span className="dim">No risk rule found anything</span>
      )}
      {preview.not_understood > 0 && (
        <Badge
          tone="violet"
          word={`${plural(preview.not_understood, 'statement')} not understood`}
          means="What they do, and how bad it is, is not known."
        />
      )}
      <Tooltip label={basisText(preview.estimate)} multiline maw={360}>
        <span className={classes.fact}>
          <IconClock size={14} className="dim" aria-hidden />
          <span className="visually-hidden">Estimated time:</span>
          <span className={time ? 'tabular' : 'dim'}>{time ?? 'Time not known'}</span>
          <span className="visually-hidden">{basisText(preview.estimate)}</span>
        </span>
      </Tooltip>
      {(risky > 0 || preview.not_understood > 0) && statements.length > 1 && (
        <SegmentedControl
          ml="auto"
          aria-label="Statements shown"
          value={shown}
          onChange={(value) => onShow(value as Shown)}
          data={[
            { value: 'all', label: `All ${statements.length.toLocaleString('en-US')}` },
            ...(risky > 0 ? [{ value: 'risky', label: `With findings ${risky}` }] : []),
            ...(preview.not_understood > 0
              ? [{ value: 'unknown', label: `Not understood ${preview.not_understood}` }]
              : []),
          ]}
        />
      )}
      {!preview.database_read && (
        <p className={classes.unread} role="status">
          <IconDatabaseOff size={15} aria-hidden />
          <span>
            The database could not be read, so sizes, rows and what exists are not known.
            {preview.database_problem && ` ${preview.database_problem}`}
          </span>
        </p>
      )}
    </div>
  );
}
