/** How to begin: with nothing, or with a template. One list, searched and walked through by the keyboard. */
import { Button, Loader, TextInput } from '@mantine/core';
import {
  IconArrowRight,
  IconArrowsExchange,
  IconFile,
  IconGitCompare,
  IconSearch,
} from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useChannel } from '../../api/queries';
import type { Connection, Template } from '../../api/types.generated';
import { EngineIcon } from '../../components/EngineIcon';
import { ErrorPanel } from '../../components/ErrorPanel';
import { CONVERT, DIFF, groupsOf } from './state';
import { TemplateDetail, TemplateMarks } from './TemplateDetail';
import { TemplateProblems } from './TemplateProblems';
import type { Wizard } from './useWizard';
import classes from './wizard.module.css';

interface Props {
  connection: Connection;
  wizard: Wizard;
  onChosen(template: string | null): void;
}

const BLANK = 'blank';
const FROM_DIFF = 'diff';
const FROM_TOOL = 'tool';
// A template saved in an editor appears while this is open. Files that did not change are not read again.
const LOOK_AGAIN_MS = 1500;
const idOf = (key: string) => `wizard-${key}`;

export function Start({ connection, wizard, onChosen }: Props) {
  const { data, error, refetch } = useChannel(
    'template:list',
    { connection: connection.id },
    { staleTime: 0, refetchInterval: LOOK_AGAIN_MS },
  );
  const [search, setSearch] = useState('');
  const { template } = wizard.state;
  const [at, setAt] = useState<string>(keyOf(template));
  const groups = useMemo(() => groupsOf(data?.templates ?? [], search), [data, search]);
  const showsBlank = 'blank migration empty'.includes(search.trim().toLowerCase());
  const showsDiff = 'from schema diff compare difference'.includes(search.trim().toLowerCase());
  const showsTool =
    connection.tool === 'dbmate' &&
    'from another tool convert flyway liquibase goose prisma alembic golang-migrate knex'.includes(
      search.trim().toLowerCase(),
    );
  const keys = [
    ...(showsBlank ? [BLANK] : []),
    ...(showsDiff ? [FROM_DIFF] : []),
    ...(showsTool ? [FROM_TOOL] : []),
    ...groups.flatMap((group) => group.templates.map((one) => `t-${one.id}`)),
  ];
  const current = keys.includes(at) ? at : (keys[0] ?? null);
  const shown = data?.templates.find((one) => `t-${one.id}` === current) ?? null;
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (current) document.getElementById(idOf(current))?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const choose = (key: string | null) => {
    if (key === BLANK) onChosen(null);
    else if (key === FROM_DIFF) onChosen(DIFF);
    else if (key === FROM_TOOL) onChosen(CONVERT);
    else if (key) onChosen(key.slice(2));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const index = current ? keys.indexOf(current) : -1;
    const to: Record<string, number> = {
      ArrowDown: Math.min(index + 1, keys.length - 1),
      ArrowUp: Math.max(index - 1, 0),
      PageDown: Math.min(index + 10, keys.length - 1),
      PageUp: Math.max(index - 10, 0),
    };
    const target = to[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (target !== undefined) {
      event.preventDefault();
      setAt(keys[target] ?? BLANK);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(current);
    } else if (event.key === 'Escape' && search) {
      event.preventDefault();
      event.stopPropagation();
      setSearch('');
    }
  };

  return (
    <div className={classes.start}>
      <div className={classes.picker}>
        <div className={classes.search}>
          <TextInput
            aria-label="Search templates"
            placeholder="Search templates"
            leftSection={<IconSearch size={15} aria-hidden />}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              setAt('');
            }}
            onKeyDown={onKeyDown}
            role="combobox"
            aria-expanded
            aria-controls="wizard-list"
            aria-activedescendant={current ? idOf(current) : undefined}
            autoComplete="off"
            spellCheck={false}
            autoFocus
          />
        </div>
        <div ref={list} id="wizard-list" className={classes.list} role="listbox" aria-label="Begin with">
          {showsBlank && (
            <Option
              id={BLANK}
              isCurrent={current === BLANK}
              onPoint={setAt}
              onChoose={choose}
              icon={<IconFile size={15} aria-hidden />}
              title="Blank migration"
            />
          )}
          {showsDiff && (
            <Option
              id={FROM_DIFF}
              isCurrent={current === FROM_DIFF}
              onPoint={setAt}
              onChoose={choose}
              icon={<IconGitCompare size={15} aria-hidden />}
              title="From schema diff"
            />
          )}
          {showsTool && (
            <Option
              id={FROM_TOOL}
              isCurrent={current === FROM_TOOL}
              onPoint={setAt}
              onChoose={choose}
              icon={<IconArrowsExchange size={15} aria-hidden />}
              title="From another tool"
            />
          )}
          {groups.map((group) => (
            // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own.
            <div key={group.name} role="group" aria-label={group.name}>
              <div className={classes.groupName} aria-hidden>
                {group.name}
              </div>
              {group.templates.map((one) => (
                <Option
                  key={one.id}
                  id={`t-${one.id}`}
                  isCurrent={current === `t-${one.id}`}
                  onPoint={setAt}
                  onChoose={choose}
                  title={one.title}
                  template={one}
                />
              ))}
            </div>
          ))}
        </div>
        {!data && !error && (
          <p className={classes.quiet}>
            <Loader /> Reading the templates…
          </p>
        )}
        {error && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
        {data && keys.length === 0 && (
          <p className={classes.quiet}>
            No template of that name.
            <Button variant="subtle" size="compact-sm" onClick={() => setSearch('')}>
              Show all
            </Button>
          </p>
        )}
        {data && <TemplateProblems problems={data.problems} />}
      </div>
      <div className={classes.detail}>
        {shown ? (
          <TemplateDetail template={shown} folders={data?.folders ?? []} />
        ) : (
          current === BLANK && <Blank connection={connection} />
        )}
        {current === FROM_TOOL && <FromToolDetail connection={connection} />}
        {current === FROM_DIFF && <FromDiffDetail connection={connection} />}
        {current && (
          <Button
            className={classes.use}
            rightSection={<IconArrowRight size={15} />}
            onClick={() => choose(current)}
          >
            {current === BLANK
              ? 'Begin blank'
              : current === FROM_DIFF
                ? 'Compare schemas'
                : current === FROM_TOOL
                  ? 'Choose the folder'
                  : 'Use this template'}
          </Button>
        )}
      </div>
    </div>
  );
}

interface OptionProps {
  id: string;
  isCurrent: boolean;
  title: string;
  icon?: React.ReactNode;
  template?: Template;
  onPoint(id: string): void;
  onChoose(id: string): void;
}

function Option({ id, isCurrent, title, icon, template, onPoint, onChoose }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the search field, which keeps the focus.
    // biome-ignore lint/a11y/useFocusableInteractive: the same.
    <div
      id={idOf(id)}
      role="option"
      aria-selected={isCurrent}
      className={classes.option}
      onClick={() => onPoint(id)}
      onDoubleClick={() => onChoose(id)}
    >
      {icon}
      <span className="truncate">{title}</span>
      {template && <TemplateMarks template={template} />}
    </div>
  );
}

function FromDiffDetail({ connection }: { connection: Connection }) {
  return (
    <>
      <h2 className={classes.detailTitle}>From schema diff</h2>
      <p className={classes.about}>
        Compare {connection.name} with another database, a schema file, a git revision or its own migrations,
        and choose what goes in. Up and down are written for you and proven on a scratch database.
      </p>
    </>
  );
}

function FromToolDetail({ connection }: { connection: Connection }) {
  return (
    <>
      <h2 className={classes.detailTitle}>From another tool</h2>
      <p className={classes.about}>
        A folder of Flyway, golang-migrate, goose, sql-migrate, Liquibase, node-pg-migrate, Prisma, knex,
        Alembic, Django or plain SQL pairs becomes migrations of {connection.name}. What is applied there
        counts as applied here; nothing runs, and the old folder and its table stay as they are.
      </p>
    </>
  );
}

const keyOf = (template: string | null | undefined) => {
  if (template === DIFF) return FROM_DIFF;
  if (template === CONVERT) return FROM_TOOL;
  return template ? `t-${template}` : BLANK;
};

function Blank({ connection }: { connection: Connection }) {
  return (
    <>
      <h2 className={classes.detailTitle}>Blank migration</h2>
      <p className={classes.about}>
        A name, and an empty file for {connection.name} that opens in the editor, with completion from the
        live schema and snippets at hand.
      </p>
      <p className={classes.engine}>
        <EngineIcon engine={connection.engine} color={connection.color} />
        Templates write the same for you: search for what the migration should do.
      </p>
    </>
  );
}
