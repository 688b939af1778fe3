/** What the risk rules say of the planned files: how bad the worst is, and each with the way to its line. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useChannel } from '../../api/queries';
import type { FileReport, Finding, Plan } from '../../api/types.generated';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { rankOf, SeverityBadge, UnknownBadge, worstOf } from '../SeverityBadge';
import { WhyLink } from '../WhyLink';
import { runAsked } from './ask';
import classes from './PlanFindings.module.css';

interface Props {
  plan: Plan;
  connection: string;
}

interface Found {
  file: FileReport;
  finding: Finding;
}

// Where there are more, the editor shows them file by file.
const SHOWN = 50;
const OPEN_UP_TO = 3;

export function PlanFindings({ plan, connection }: Props) {
  const versions = plan.migrations
    .filter((one) => !one.flags.includes('missing_file'))
    .map((one) => one.filename);
  const { data, error, isLoading } = useChannel(
    'migration:validate',
    { connection, versions },
    { staleTime: 0 },
  );
  const [toggled, setToggled] = useState<boolean | null>(null);
  if (isLoading) return <p className={classes.quiet}>Looking for risks…</p>;
  if (error) return <p className={classes.quiet}>The risks could not be looked at: {error.message}</p>;
  const found = (data?.files ?? [])
    .flatMap((file) => file.findings.map((finding): Found => ({ file, finding })))
    // What is said of the other direction does not happen now.
    .filter(({ finding }) => finding.direction === null || finding.direction === plan.direction)
    .sort((a, b) => rankOf(a.finding.severity) - rankOf(b.finding.severity));
  const unparsed = (data?.files ?? []).reduce((sum, file) => sum + file.unparsed, 0);
  const worst = worstOf(found.map((one) => one.finding.severity));
  const notes = [
    unparsed > 0 && `${plural(unparsed, 'statement')} not understood: the risk is unknown.`,
    ...(data?.notes ?? []),
  ].filter(Boolean);
  if (!worst) return <p className={classes.quiet}>No risk rule found anything. {notes.join(' ')}</p>;
  const isSevere = rankOf(worst) <= rankOf('high');
  const isOpen = toggled ?? (isSevere || found.length <= OPEN_UP_TO);
  return (
    <section className={classes.findings} aria-label="Risks">
      <Button
        variant="subtle"
        color="gray"
        className={classes.head}
        aria-expanded={isOpen}
        onClick={() => setToggled(!isOpen)}
        leftSection={<IconChevronRight size={14} className={isOpen ? classes.turned : undefined} />}
      >
        {plural(found.length, 'finding')}, the worst:
        <span className={classes.worst}>
          <SeverityBadge level={worst} plain />
        </span>
      </Button>
      {isOpen && (
        <ul>
          {found.slice(0, SHOWN).map(({ file, finding }) => (
            <li
              key={`${file.filename} ${finding.code} ${finding.line} ${finding.column} ${finding.message}`}
              className={classes.item}
            >
              <Row connection={connection} file={file} finding={finding} />
              <WhyLink code={finding.code} title={finding.title} onFollow={() => runAsked.set(null)} />
            </li>
          ))}
          {found.length > SHOWN && <li className={classes.quiet}>and {found.length - SHOWN} more</li>}
        </ul>
      )}
      {notes.length > 0 && <p className={classes.quiet}>{notes.join(' ')}</p>}
    </section>
  );
}

function Row({ connection, file, finding }: Found & { connection: string }) {
  const navigate = useNavigate();
  const open = () => {
    runAsked.set(null);
    navigate(`${paths.editor(connection, file.filename)}?line=${finding.line}`);
  };
  return (
    <UnstyledButton className={classes.row} onClick={open} title={finding.advice}>
      <span className={classes.level}>
        <SeverityBadge level={finding.severity} plain />
      </span>
      <span className={classes.message}>
        {finding.message} {finding.unknown && <UnknownBadge />}
        <span className={`mono faint ${classes.where}`}>
          {file.filename}, line {finding.line}
        </span>
      </span>
    </UnstyledButton>
  );
}
