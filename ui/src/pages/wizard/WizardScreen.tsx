/** The steps, one after the other, and the buttons and keys that lead through them. */
import { Button, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconFilePlus, IconPlayerPlayFilled } from '@tabler/icons-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { Connection } from '../../api/types.generated';
import { ConvertFlow } from '../../components/convert/ConvertFlow';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { ErrorPanel } from '../../components/ErrorPanel';
import { Kbd } from '../../components/Kbd';
import { Page } from '../../components/Page';
import { isMac, useCommands } from '../../lib/commands';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { Describe, focusFirstError } from './Describe';
import { FromDiff } from './FromDiff';
import { POPUPS_ID } from './fields/popups';
import { PreviewButton } from './PreviewButton';
import { Review } from './Review';
import { Start } from './Start';
import { Steps } from './Steps';
import { CONVERT, DIFF, isStarted, type Step } from './state';
import { useSave } from './useSave';
import { useTemplate } from './useTemplate';
import type { Wizard } from './useWizard';
import classes from './wizard.module.css';

interface Props {
  connection: Connection;
  wizard: Wizard;
}

export function WizardScreen({ connection, wizard }: Props) {
  const navigate = useNavigate();
  const { state, change } = wizard;
  const chosen = useTemplate(connection.id, state);
  const { save, isSaving, problem } = useSave(connection, wizard);
  const [tried, setTried] = useState(false);
  // "Next" was pressed before the preview had answered: go on once it has.
  const [waiting, setWaiting] = useState<Step | null>(null);
  const saveButton = useRef<HTMLButtonElement>(null);
  const isBlank = state.template === null;
  const isDiff = state.template === DIFF;
  const isConvert = state.template === CONVERT;
  const nameError = tried && isBlank && state.name.trim() === '' ? 'Needed: it names the file.' : null;
  const { step } = state;
  const canReview = chosen.rendered !== null && chosen.isCurrent;

  const goTo = (to: Step) => {
    setTried(false);
    setWaiting(null);
    change({ step: to });
  };
  const choose = (template: string | null) => {
    setTried(false);
    change((before) => ({
      template,
      step: 'describe',
      made: before.template === template ? before.made : [],
    }));
  };

  useEffect(() => {
    if (!waiting || chosen.isRendering) return;
    setWaiting(null);
    if (chosen.problem) focusFirstError(chosen);
    else if (chosen.isCurrent) change({ step: waiting });
  }, [waiting, chosen, change]);

  const next = () => {
    setTried(true);
    if (step === 'start' || isConvert) return;
    if (isBlank) {
      if (state.name.trim()) void save(null, false);
      else document.getElementById('wizard-name')?.focus();
      return;
    }
    if (step === 'describe') setWaiting('review');
  };
  const finish = (apply: boolean) => {
    if (step === 'review' && canReview) void save(chosen.rendered, apply);
    else next();
  };
  const back = () => {
    if (step === 'review') goTo('describe');
    else if (step === 'describe') goTo('start');
    else leave();
  };
  const leave = () => navigate(paths.migrations(connection.id));

  // The button that led here is gone: Enter then saves.
  useEffect(() => {
    if (step === 'review' && canReview) saveButton.current?.focus();
  }, [step, canReview]);

  // A draft may say "review" of a template whose values are no longer good.
  useEffect(() => {
    if (step === 'review' && (isBlank || chosen.problem || chosen.error)) change({ step: 'describe' });
  }, [step, isBlank, chosen.problem, chosen.error, change]);

  useCommands([
    {
      id: 'wizard-back',
      label: 'Back',
      group: 'New migration',
      keys: 'alt+arrowleft',
      whileTyping: !isMac(),
      run: back,
    },
    {
      id: 'wizard-save',
      label: step === 'review' ? 'Save the migration' : 'Next',
      group: 'New migration',
      keys: 'mod+enter',
      whileTyping: true,
      run: () => finish(false),
    },
    {
      id: 'wizard-save-s',
      label: 'Save the migration',
      group: 'New migration',
      keys: 'mod+s',
      whileTyping: true,
      hidden: true,
      run: () => finish(false),
    },
    {
      id: 'wizard-apply',
      label: `Save and apply to ${connection.name}`,
      group: 'New migration',
      keys: 'mod+shift+enter',
      whileTyping: true,
      run: () => step === 'review' && !connection.read_only && finish(true),
    },
    {
      // A field with its list open needs Escape for itself.
      id: step === 'start' || isBlank ? 'leave-new' : 'leave-fields',
      label: 'Back to the migrations',
      group: 'New migration',
      keys: 'escape',
      whileTyping: step === 'start' || isBlank,
      hidden: true,
      run: leave,
    },
  ]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    next();
  };
  const reachable: Step[] = [
    'start',
    ...(state.template === undefined ? [] : (['describe'] as const)),
    ...(canReview && !isBlank ? (['review'] as const) : []),
  ];
  return (
    <Page
      title="New migration"
      width="full"
      actions={
        isStarted(state) && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              setTried(false);
              wizard.reset();
            }}
          >
            Start over
          </Button>
        )
      }
      note={
        <Steps
          step={step}
          isBlank={isBlank}
          isDiff={isDiff}
          isConvert={isConvert}
          reachable={reachable}
          onGo={goTo}
        />
      }
    >
      <form className={classes.screen} onSubmit={submit} noValidate>
        {wizard.resumed && isStarted(state) && (
          <p className={classes.resumed} role="status">
            This is where you left off. What you gave is kept until you save it or start over.
          </p>
        )}
        {wizard.draftFailed && (
          <p className={classes.resumed} role="alert">
            It could not be kept as a draft: a reload of the window would lose it.
          </p>
        )}
        <div className={classes.body} data-step={step}>
          {step === 'start' && <Start connection={connection} wizard={wizard} onChosen={choose} />}
          {step === 'describe' && isDiff && <FromDiff connection={connection} wizard={wizard} />}
          {step === 'describe' && isConvert && (
            <ConvertFlow
              connection={connection}
              onDone={() => {
                wizard.reset();
                leave();
              }}
            />
          )}
          {step === 'describe' && !isDiff && !isConvert && (
            <Describe
              connection={connection}
              wizard={wizard}
              chosen={chosen}
              tried={tried}
              nameError={nameError}
            />
          )}
          {step === 'review' && chosen.rendered && (
            <Review connection={connection} wizard={wizard} rendered={chosen.rendered} />
          )}
        </div>
        {problem && (
          <div className={classes.problem}>
            <ErrorPanel error={problem} connection={connection.id} compact />
            {state.made.length > 0 && (
              <p>
                {plural(state.made.length, 'file')} of {chosen.rendered?.files.length ?? 1} already written:{' '}
                <span className="mono">{state.made.join(', ')}</span>. Saving again writes the rest.
              </p>
            )}
          </div>
        )}
        <footer className={classes.footer}>
          <Tooltip label={isMac() ? 'Back' : 'Alt+←'}>
            <Button variant="default" leftSection={<IconArrowLeft size={15} />} onClick={back}>
              {step === 'start' ? 'Cancel' : 'Back'}
            </Button>
          </Tooltip>
          <span className={classes.hint}>
            <Hint step={step} isDiff={isDiff || isConvert} />
          </span>
          <EnvironmentTag environment={connection.environment} />
          {step === 'review' && chosen.rendered && (
            <PreviewButton
              connection={connection}
              wizard={wizard}
              rendered={chosen.rendered}
              ready={canReview}
            />
          )}
          {step === 'review' && (
            <Tooltip
              label={connection.read_only ? `${connection.name} is read-only` : 'Shows the plan first'}
            >
              <Button
                variant="default"
                leftSection={<IconPlayerPlayFilled size={12} />}
                disabled={connection.read_only || !canReview}
                onClick={() => finish(true)}
              >
                Save & apply to {connection.name}
              </Button>
            </Tooltip>
          )}
          {step === 'describe' && !isConvert && (
            <Button
              type="submit"
              loading={isSaving || waiting !== null}
              disabled={isDiff && !canReview}
              leftSection={isBlank ? <IconFilePlus size={15} /> : undefined}
              rightSection={isBlank ? undefined : <IconArrowRight size={15} />}
            >
              {isBlank ? `Create for ${connection.name}` : 'Next'}
            </Button>
          )}
          {step === 'review' && (
            <Button
              ref={saveButton}
              leftSection={<IconFilePlus size={15} />}
              loading={isSaving}
              disabled={!canReview}
              onClick={() => finish(false)}
            >
              Save {(chosen.rendered?.files.length ?? 1) > 1 && `${chosen.rendered?.files.length} `}for{' '}
              {connection.name}
            </Button>
          )}
        </footer>
      </form>
      <div id={POPUPS_ID} />
    </Page>
  );
}

function Hint({ step, isDiff }: { step: Step; isDiff: boolean }) {
  if (step === 'describe' && isDiff)
    return <span className="truncate">Nothing runs until you apply it.</span>;
  if (step === 'start')
    return (
      <>
        <Kbd keys="arrowup" />
        <Kbd keys="arrowdown" /> to choose, <Kbd keys="enter" /> <span className="truncate">to go on</span>
      </>
    );
  if (step === 'describe')
    return (
      <>
        <Kbd keys="enter" /> <span className="truncate">to go on. Nothing runs until you apply it.</span>
      </>
    );
  return (
    <>
      <Kbd keys="mod+enter" /> <span className="truncate">saves. Nothing runs until you apply it.</span>
    </>
  );
}
