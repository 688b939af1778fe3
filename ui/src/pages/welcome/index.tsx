/** The first page, while there is no connection: four ways to begin. */
import { Button, UnstyledButton } from '@mantine/core';
import { IconFolderOpen, IconForms, IconLink, IconSparkles } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/actions';
import { useJobs } from '../../api/jobs';
import { EngineIcon } from '../../components/EngineIcon';
import { ErrorPanel } from '../../components/ErrorPanel';
import { newConnectionAsked } from '../../lib/asked';
import { paths } from '../../lib/paths';
import classes from './welcome.module.css';

export default function Welcome() {
  const navigate = useNavigate();
  const sample = useAction('connection:sample', {
    quiet: true,
    onSuccess: (connection) => navigate(paths.migrations(connection.id)),
  });
  const job = useJobs().find((one) => one.channel === 'connection:sample' && one.state === 'running');
  const making = sample.isPending ? sample.variables?.engine : null;
  return (
    <section className={classes.page} aria-label="Welcome">
      <div className={classes.column}>
        <img src="/icon.svg" alt="" width={44} height={44} />
        <h1 className={classes.title}>Migrations you can see, run and undo</h1>
        <p className={classes.lead}>
          DB Toolkit works on plain dbmate SQL and migrate-mongo JavaScript, in the folder where they are.
          Close it at any time and go on with the bare tools.
        </p>
        <div className={classes.sample}>
          <div className={classes.sampleText}>
            <h2 className={classes.cardTitle}>
              <IconSparkles size={17} aria-hidden /> No database at hand?
            </h2>
            <p>
              A small shop with data and eight migrations: six applied, two pending. Nothing of yours is
              touched.
            </p>
            {making && (
              <p role="status" className={classes.progress}>
                {job?.message || 'Making the sample…'}
              </p>
            )}
          </div>
          <div className={classes.sampleButtons}>
            <Button
              size="sm"
              loading={making === 'sqlite'}
              disabled={making === 'postgres'}
              onClick={() => sample.mutate({ engine: 'sqlite' })}
            >
              Start with the sample
            </Button>
            <Button
              size="sm"
              variant="default"
              leftSection={<EngineIcon engine="postgres" size={18} />}
              loading={making === 'postgres'}
              disabled={making === 'sqlite'}
              onClick={() => sample.mutate({ engine: 'postgres' })}
            >
              On a local PostgreSQL
            </Button>
          </div>
        </div>
        {sample.error && <ErrorPanel error={sample.error} />}
        <div className={classes.ways}>
          <Way
            icon={<IconForms />}
            title="New connection"
            text="Host, user and database by form, for any of the seven engines."
            onClick={() => newConnectionAsked.set('form')}
          />
          <Way
            icon={<IconFolderOpen />}
            title="Open a folder"
            text="A project with migrations, its .env and its config, used in place."
            onClick={() => newConnectionAsked.set('folder')}
          />
          <Way
            icon={<IconLink />}
            title="Paste a URL"
            text="The DATABASE_URL you already have, taken apart as you paste it."
            onClick={() => newConnectionAsked.set('url')}
          />
        </div>
      </div>
    </section>
  );
}

interface WayProps {
  icon: ReactNode;
  title: string;
  text: string;
  onClick(): void;
}

function Way({ icon, title, text, onClick }: WayProps) {
  return (
    <UnstyledButton className={classes.way} onClick={onClick}>
      <span className={classes.wayIcon}>{icon}</span>
      <span className={classes.cardTitle}>{title}</span> <span className="dim">{text}</span>
    </UnstyledButton>
  );
}
