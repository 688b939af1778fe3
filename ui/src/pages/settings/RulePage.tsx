/** One risk rule: what goes wrong, the safe way, examples of both, and where it is switched off. */
import { Button, CopyButton, Loader, Switch } from '@mantine/core';
import { IconArrowLeft, IconCheck, IconCopy } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useNavigate, useParams } from 'react-router';
import { useAction } from '../../api/actions';
import { useConnections } from '../../api/connections';
import { type Rule, useRule } from '../../api/rules';
import { useSettings } from '../../api/settings';
import type { Connection } from '../../api/types.generated';
import { EngineIcon } from '../../components/EngineIcon';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Page } from '../../components/Page';
import { Prose, readBlocks } from '../../components/Prose';
import { SeverityBadge } from '../../components/SeverityBadge';
import { useCommands } from '../../lib/commands';
import { paths } from '../../lib/paths';
import { RuleEngines } from './Rules';
import classes from './rules.module.css';

export default function RulePage() {
  const { code = '' } = useParams();
  const { data, error, refetch } = useRule(code);
  const back = useBack();
  useCommands([{ id: 'rule-back', label: 'Back', group: 'Rule', keys: 'escape', run: back }]);
  const leave = (
    <Button variant="subtle" color="gray" leftSection={<IconArrowLeft size={15} />} onClick={back}>
      Back
    </Button>
  );
  if (error)
    return (
      <Page title="Rule" width="read" actions={leave}>
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (!data)
    return (
      <Page title="Rule" width="read">
        <Loader aria-label="Reading the rule" />
      </Page>
    );
  return (
    <Page title={data.info.title} width="read" actions={leave}>
      <Body info={data.info} markdown={data.markdown} />
    </Page>
  );
}

/** To where one came from; opened by its address, to the list of rules. */
function useBack(): () => void {
  const navigate = useNavigate();
  return () => {
    const { idx } = (window.history.state ?? {}) as { idx?: number };
    if (idx && idx > 0) void navigate(-1);
    else void navigate(paths.rules);
  };
}

function Body({ info, markdown }: { info: Rule; markdown: string }) {
  const blocks = useMemo(() => withoutHead(markdown), [markdown]);
  return (
    <>
      <div className={classes.facts}>
        <SeverityBadge level={info.severity} />
        <RuleEngines engines={info.engines} />
        {info.confirm && <span className="dim">wants a typed confirmation</span>}
        <CopyButton value={info.code}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              color="gray"
              onClick={copy}
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            >
              <span className="mono">{info.code}</span>
              <span className="visually-hidden">{copied ? ' copied' : ' – copy'}</span>
            </Button>
          )}
        </CopyButton>
      </div>
      {blocks.length > 0 ? (
        <Prose blocks={blocks} />
      ) : (
        <Prose
          blocks={[
            { kind: 'paragraph', text: info.harm },
            { kind: 'heading', level: 2, text: 'Instead' },
            { kind: 'paragraph', text: info.advice },
          ]}
        />
      )}
      <Places rule={info} />
    </>
  );
}

/** The page's own title and the line of facts stand above already. */
function withoutHead(markdown: string) {
  const blocks = readBlocks(markdown);
  const title = blocks[0]?.kind === 'heading' ? 1 : 0;
  const facts = blocks[title];
  return blocks.slice(facts?.kind === 'paragraph' && facts.text.startsWith('`') ? title + 1 : title);
}

function Places({ rule }: { rule: Rule }) {
  const settings = useSettings();
  const { data } = useConnections();
  const update = useAction('settings:update');
  if (!settings) return null;
  const { disabled } = settings.lint;
  const isOn = !disabled.includes(rule.code);
  const turn = (on: boolean) =>
    update.mutate({
      changes: {
        lint: { disabled: on ? disabled.filter((one) => one !== rule.code) : [...disabled, rule.code] },
      },
    });
  const connections = (data?.connections ?? []).filter((one) => rule.engines.includes(one.engine));
  return (
    <>
      <h2 className={classes.place}>Where it is on</h2>
      <ul className={classes.switches}>
        <li>
          <span className={classes.grow}>Everywhere</span>
          <Switch
            aria-label="On everywhere"
            checked={isOn}
            onChange={(event) => turn(event.currentTarget.checked)}
          />
        </li>
        {connections.map((one) => (
          <OnConnection key={one.id} rule={rule} connection={one} everywhere={isOn} />
        ))}
      </ul>
    </>
  );
}

interface OnConnectionProps {
  rule: Rule;
  connection: Connection;
  everywhere: boolean;
}

function OnConnection({ rule, connection, everywhere }: OnConnectionProps) {
  const update = useAction('connection:update');
  const off = connection.disabled_rules;
  const isOn = !off.includes(rule.code);
  const turn = (on: boolean) =>
    update.mutate({
      connection: connection.id,
      disabled_rules: on ? off.filter((one) => one !== rule.code) : [...off, rule.code],
    } as Parameters<typeof update.mutate>[0]);
  return (
    <li>
      <EngineIcon engine={connection.engine} color={connection.color} />
      <span className={`truncate ${classes.grow}`}>{connection.name}</span>
      <EnvironmentTag environment={connection.environment} short />
      <Switch
        aria-label={`On for ${connection.name}`}
        disabled={!everywhere}
        checked={everywhere && isOn}
        onChange={(event) => turn(event.currentTarget.checked)}
      />
    </li>
  );
}
