import { Button, Loader, Select, Switch, TextInput } from '@mantine/core';
import { IconFilterOff, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { type Rule, useRuleList } from '../../api/rules';
import type { EngineName } from '../../api/types.generated';
import { EmptyState } from '../../components/EmptyState';
import { EngineIcon } from '../../components/EngineIcon';
import { ErrorPanel } from '../../components/ErrorPanel';
import { rankOf, SeverityBadge } from '../../components/SeverityBadge';
import { ENGINE_LABELS } from '../../lib/engines';
import { plural } from '../../lib/format';
import { scoreOf } from '../../lib/match';
import { paths } from '../../lib/paths';
import classes from './rules.module.css';
import type { SectionProps } from './Setting';

const ALL = Object.keys(ENGINE_LABELS).length;

/** The risk rules, each with its switch. Off here is off for every connection. */
export function Rules({ settings, change }: SectionProps) {
  const { data: rules, error, refetch } = useRuleList();
  const [params, setParams] = useSearchParams();
  const [query, setQuery] = useState(params.get('q') ?? '');
  const engine = params.get('engine') as EngineName | null;
  const state = params.get('state');
  const sought = useDeferredValue(query.trim());
  const off = useMemo(() => new Set(settings.lint.disabled), [settings.lint.disabled]);
  const shown = useMemo(
    () => wanted(rules ?? [], { query: sought, engine, state, off }),
    [rules, sought, engine, state, off],
  );
  const narrow = (name: string, value: string | null) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  const turn = (code: string, on: boolean) =>
    change({
      lint: { disabled: on ? settings.lint.disabled.filter((one) => one !== code) : [...off, code] },
    });
  const showAll = () => {
    setQuery('');
    setParams({ section: 'rules' }, { replace: true });
  };

  if (error) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!rules)
    return (
      <p className={classes.waiting} role="status">
        <Loader /> Reading the rules…
      </p>
    );
  return (
    <>
      <p className={classes.lead}>
        What is looked for in a migration before it runs. A rule that is off here is off everywhere; in a
        single file <code>dbtoolkit:ignore</code> with a reason switches it off.
      </p>
      <div className={classes.filters}>
        <TextInput
          aria-label="Search the rules"
          placeholder="Search the rules"
          leftSection={<IconSearch size={15} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          className={classes.search}
        />
        <Select
          aria-label="Engine"
          placeholder="Every engine"
          clearable
          allowDeselect
          w={170}
          value={engine}
          onChange={(value) => narrow('engine', value)}
          data={Object.entries(ENGINE_LABELS).map(([value, label]) => ({ value, label }))}
        />
        <Select
          aria-label="State"
          placeholder="On and off"
          clearable
          allowDeselect
          w={120}
          value={state}
          onChange={(value) => narrow('state', value)}
          data={[
            { value: 'on', label: 'On' },
            { value: 'off', label: 'Off' },
          ]}
        />
      </div>
      <div className={classes.count} role="status">
        {shown.length === rules.length
          ? plural(rules.length, 'rule')
          : `${shown.length} of ${plural(rules.length, 'rule')}`}
        {off.size > 0 && `, ${off.size} off`}
      </div>
      {shown.length === 0 ? (
        <EmptyState
          icon={<IconFilterOff size={22} />}
          title="No rule matches"
          actions={
            <Button variant="default" onClick={showAll}>
              Show all rules
            </Button>
          }
        />
      ) : (
        <ul className={classes.list}>
          {shown.map((rule) => (
            <RuleRow
              key={rule.code}
              rule={rule}
              isOn={!off.has(rule.code)}
              onTurn={(on) => turn(rule.code, on)}
            />
          ))}
        </ul>
      )}
    </>
  );
}

interface RowProps {
  rule: Rule;
  isOn: boolean;
  onTurn(on: boolean): void;
}

function RuleRow({ rule, isOn, onTurn }: RowProps) {
  return (
    <li className={classes.rule} data-off={!isOn || undefined}>
      <div className={classes.severity}>
        <SeverityBadge level={rule.severity} plain />
      </div>
      <div className={classes.words}>
        <Link to={paths.rule(rule.code)} className={classes.title}>
          {rule.title}
        </Link>
        <div className={classes.harm}>{rule.harm}</div>
      </div>
      <RuleEngines engines={rule.engines} />
      <Switch
        aria-label={rule.title}
        checked={isOn}
        onChange={(event) => onTurn(event.currentTarget.checked)}
      />
    </li>
  );
}

/** For whom it is: each engine, or that it is for all. */
export function RuleEngines({ engines }: { engines: EngineName[] }) {
  if (engines.length === ALL) return <span className={`faint ${classes.engines}`}>every engine</span>;
  if (engines.length === ALL - 1 && !engines.includes('mongodb'))
    return <span className={`faint ${classes.engines}`}>every SQL engine</span>;
  return (
    <span className={classes.engines}>
      {engines.map((one) => (
        <EngineIcon key={one} engine={one} size={18} />
      ))}
    </span>
  );
}

interface Wanted {
  query: string;
  engine: EngineName | null;
  state: string | null;
  off: ReadonlySet<string>;
}

/** The rules that fit: by how well where something is typed, else the gravest first. */
export function wanted(rules: Rule[], { query, engine, state, off }: Wanted): Rule[] {
  const kept = rules
    .filter((one) => !engine || one.engines.includes(engine))
    .filter((one) => !state || (state === 'off') === off.has(one.code))
    .map((rule) => ({
      rule,
      score: scoreOf({ label: rule.title, note: rule.code, words: `${rule.harm} ${rule.advice}` }, query),
    }))
    .filter((one) => one.score !== null);
  const graver = (a: Rule, b: Rule) =>
    rankOf(a.severity) - rankOf(b.severity) || a.title.localeCompare(b.title);
  kept.sort((a, b) => (query ? (b.score ?? 0) - (a.score ?? 0) : 0) || graver(a.rule, b.rule));
  return kept.map((one) => one.rule);
}
