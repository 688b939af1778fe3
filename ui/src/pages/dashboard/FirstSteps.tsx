/** A connection without a single migration: what there is to do, in order. */
import { Button } from '@mantine/core';
import { IconFileCode, IconPlayerPlay, IconSparkles } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import type { Connection } from '../../api/types.generated';
import { shortPath } from '../../lib/format';
import { paths } from '../../lib/paths';
import classes from './dashboard.module.css';

export function FirstSteps({ connection }: { connection: Connection }) {
  const navigate = useNavigate();
  return (
    <section className={classes.first} aria-label="First steps">
      <h2>First steps on {connection.name}</h2>
      <ol className={classes.steps}>
        <Step number={1} icon={<IconFileCode size={18} stroke={1.7} />} title="Write the first migration">
          <p>
            A file with a change of the schema and how to undo it: from a template, or blank. Files put by
            hand into <span className="mono">{shortPath(connection.migrations_dir)}</span> appear by
            themselves.
          </p>
          <Button onClick={() => navigate(paths.newMigration(connection.id))}>
            Write the first migration
          </Button>
        </Step>
        <Step number={2} icon={<IconPlayerPlay size={18} stroke={1.7} />} title="Apply it">
          <p>
            The plan is shown first: what runs, in which order, and what could go wrong. Nothing runs before
            you say so.
          </p>
        </Step>
        <Step number={3} icon={<IconSparkles size={18} stroke={1.7} />} title="See it here">
          <p>
            What is applied, what waits and what needs a look stands on this page; who ran what and when, on
            the <Link to={paths.timeline(connection.id)}>timeline</Link>.
          </p>
        </Step>
      </ol>
    </section>
  );
}

interface StepProps {
  number: number;
  icon: ReactNode;
  title: string;
  children: ReactNode;
}

function Step({ number, icon, title, children }: StepProps) {
  return (
    <li className={classes.step}>
      <span className={classes.stepIcon} aria-hidden>
        {icon}
      </span>
      <h3>
        <span className="faint tabular">{number}</span> {title}
      </h3>
      {children}
    </li>
  );
}
