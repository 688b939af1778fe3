/** What a run would do, before it does it: read (preview), measured (rehearsal), and then, if wished, done. */
import { Drawer, Loader, NumberInput, SegmentedControl, Tabs } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { isErrorShape } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import { useRemembered } from '../../api/settings';
import { ENGINE_LABELS } from '../../lib/engines';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { EngineIcon } from '../EngineIcon';
import { EnvironmentTag } from '../EnvironmentTag';
import { ErrorPanel } from '../ErrorPanel';
import { askRun, type RunQuestion } from '../run/ask';
import { PlanNotes } from '../run/RunSheetPlan';
import { directionOf, planRequest, previewRequest, subjectOf } from '../run/requests';
import { type SheetProps, titleOf } from '../run/sheet';
import { VerdictBadge } from './Badges';
import { PanelFooter } from './PanelFooter';
import { PreviewList } from './PreviewList';
import classes from './preview.module.css';
import { RehearsalTab } from './rehearsal/RehearsalTab';
import { type Choice, keyOf, subjectShown, useRehearsal } from './rehearsal/useRehearsal';
import type { Shown } from './rows';
import { Summary } from './Summary';

type Tab = 'preview' | 'rehearsal';

export function PreviewPanel({ question, connection, onClose, onRun }: SheetProps) {
  const navigate = useNavigate();
  const natural = directionOf(question);
  const [direction, setDirection] = useState(natural);
  const [tab, setTab] = useState<Tab>(question.rehearse ? 'rehearsal' : 'preview');
  const [shown, setShown] = useState<Shown>('all');
  const [outOfOrder, setOutOfOrder] = useState(false);
  const [many, setMany] = useState(question.count ?? 1);
  const [choice, setChoice] = useChoice();
  const [backup, setBackup] = useState(question.backup);
  const asked: RunQuestion = question.asksCount ? { ...question, count: many } : question;
  // A text of an editor has no plan: what is on the disk is another. Nor has a direction that is only looked at.
  const isPlanned = question.content === undefined && direction === natural;
  const once = { staleTime: 0, gcTime: 0, placeholderData: <T,>(before: T) => before };
  const plan = useChannel('migration:plan', planRequest(asked, outOfOrder), { enabled: isPlanned, ...once });
  const preview = useChannel('preview:show', previewRequest(asked, direction, outOfOrder), once);
  const standing = isPlanned ? plan.data : preview.data;
  const subject = subjectOf(asked, direction);
  const rehearsing = useRehearsal(subject, {
    target: connection.name,
    open: () => askRun({ ...question, rehearse: true }),
    question: { ...question, rehearse: true },
  });
  useShown(keyOf(subject));

  const planned = isPlanned ? (plan.data?.migrations ?? []) : [];
  const count = isPlanned ? planned.length : (preview.data?.files.length ?? 0);
  const problems = ((standing?.problems ?? []) as unknown[]).filter(isErrorShape);
  const refetch = () => {
    void plan.refetch();
    void preview.refetch();
  };
  const openFile = (filename: string, line: number) => {
    onClose();
    navigate(`${paths.editor(connection.id, filename)}?line=${line}`);
  };
  const hasNotes =
    problems.length > 0 || (standing?.losses.length ?? 0) > 0 || (standing?.warnings.length ?? 0) > 0;
  const isEmpty = standing !== undefined && count === 0 && problems.length === 0;

  return (
    <Drawer
      data-buttons-below
      opened
      onClose={onClose}
      position="right"
      size="min(920px, 94vw)"
      title={
        <span className={classes.title}>
          <span>
            {titleOf(question)} {connection.name}
          </span>
          <EngineIcon engine={connection.engine} color={connection.color} size={18} />
          <span className={classes.engine}>{ENGINE_LABELS[connection.engine]}</span>
          <EnvironmentTag environment={connection.environment} />
        </span>
      }
      closeButtonProps={{ 'aria-label': 'Close the panel' }}
      classNames={{ content: classes.drawer, header: classes.drawerHead, body: classes.drawerBody }}
      attributes={{ content: { 'data-production': connection.environment === 'production' || undefined } }}
    >
      <Tabs
        value={tab}
        onChange={(value) => setTab(value as Tab)}
        className={classes.tabs}
        keepMounted={false}
      >
        <div className={classes.tabsHead}>
          <Tabs.List>
            <Tabs.Tab value="preview">Preview</Tabs.Tab>
            <Tabs.Tab value="rehearsal">
              <span className={classes.tab}>
                Rehearsal
                {rehearsing.isRunning && <Loader size={12} aria-label="running" />}
                {rehearsing.result && <VerdictBadge verdict={rehearsing.result.verdict} plain />}
              </span>
            </Tabs.Tab>
          </Tabs.List>
          <span className={classes.tabsNote}>
            {count > 0 && (
              <span>
                {plural(count, 'migration')}
                {count > 1 && (direction === 'up' ? ', oldest first' : ', newest first')}
              </span>
            )}
            {question.asksCount && <HowMany value={many} onChange={setMany} />}
            {question.looking && (
              <SegmentedControl
                aria-label="Direction"
                value={direction}
                onChange={(value) => setDirection(value as typeof direction)}
                data={[
                  { value: 'up', label: 'Up' },
                  { value: 'down', label: 'Down' },
                ]}
              />
            )}
          </span>
        </div>
        <Tabs.Panel value="preview" className={classes.panel}>
          {preview.data && <Summary preview={preview.data} shown={shown} onShow={setShown} />}
          {!preview.data && !preview.error && (
            <p className={classes.reading} role="status">
              <Loader aria-hidden /> Reading what it does…
            </p>
          )}
          {plan.error && isPlanned && (
            <ErrorPanel error={plan.error} connection={connection.id} onRetry={refetch} compact />
          )}
          {preview.error && !(plan.error && isPlanned) && (
            <ErrorPanel error={preview.error} connection={connection.id} onRetry={refetch} compact />
          )}
          {isEmpty && (
            <p className={classes.nothing}>
              There is nothing to {direction === 'up' ? 'apply to' : 'roll back on'} {connection.name}.
            </p>
          )}
          <PreviewList
            preview={preview.data ?? null}
            planned={planned}
            shown={shown}
            takesFocus={question.looking === true}
            notes={
              hasNotes &&
              standing && (
                <PlanNotes
                  problems={problems}
                  losses={standing.losses}
                  warnings={standing.warnings}
                  question={question}
                  onMended={refetch}
                />
              )
            }
            onOpenFile={question.content === undefined ? openFile : undefined}
            mend={question.mend}
            onLeave={onClose}
          />
        </Tabs.Panel>
        <Tabs.Panel value="rehearsal" className={classes.panel}>
          <RehearsalTab
            connection={connection.id}
            target={connection.name}
            rehearsing={rehearsing}
            choice={choice}
            onChoose={setChoice}
            notes={(preview.data?.files ?? []).flatMap((file) => (file.rehearsal ? [file.rehearsal] : []))}
          />
        </Tabs.Panel>
      </Tabs>
      <PanelFooter
        question={asked}
        connection={connection}
        count={count}
        standing={standing ?? null}
        isNatural={direction === natural}
        isSettled={isPlanned ? plan.data !== undefined : preview.data !== undefined}
        isFetching={isPlanned ? plan.isFetching : preview.isFetching}
        problems={problems}
        direction={direction}
        outOfOrder={outOfOrder}
        onOutOfOrder={setOutOfOrder}
        tab={tab}
        rehearsing={rehearsing}
        backup={backup}
        onBackup={setBackup}
        onRehearse={() => (tab === 'preview' ? setTab('rehearsal') : rehearsing.start(choice))}
        onClose={onClose}
        onRun={(confirm) => onRun({ ...asked, backup }, outOfOrder, confirm)}
      />
    </Drawer>
  );
}

function HowMany({ value, onChange }: { value: number; onChange(value: number): void }) {
  const id = useId();
  return (
    <span className={classes.many}>
      <label htmlFor={id}>How many of the newest</label>
      <NumberInput
        id={id}
        data-autofocus
        value={value}
        min={1}
        max={99_999}
        clampBehavior="strict"
        allowDecimal={false}
        allowNegative={false}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(next) => typeof next === 'number' && next >= 1 && onChange(next)}
        w={90}
      />
    </span>
  );
}

/** How to rehearse, as it was done the last time. */
function useChoice(): [Choice, (change: Partial<Choice>) => void] {
  const [kept, keep] = useRemembered<Partial<Choice>>('rehearsal', {});
  const choice: Choice = { scratch: 'auto', rows: 'sample', sampleRows: 100, timeLimitS: 600, ...kept };
  // The place is the connection's own matter.
  const [scratch, setScratch] = useState('auto');
  return [
    { ...choice, scratch },
    ({ scratch: place, ...change }) => {
      if (place !== undefined) setScratch(place);
      if (Object.keys(change).length > 0) keep({ ...kept, ...change });
    },
  ];
}

function useShown(key: string): void {
  useEffect(() => {
    subjectShown.set(key);
    return () => subjectShown.set(null);
  }, [key]);
}
