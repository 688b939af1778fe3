/** Where one is in the wizard; steps that can be reached are buttons. */
import { IconCheck } from '@tabler/icons-react';
import type { Step } from './state';
import classes from './wizard.module.css';

interface Props {
  step: Step;
  isBlank: boolean;
  isDiff: boolean;
  isConvert: boolean;
  reachable: Step[];
  onGo(step: Step): void;
}

const ORDER: Step[] = ['start', 'describe', 'review'];

export function Steps({ step, isBlank, isDiff, isConvert, reachable, onGo }: Props) {
  const steps: Array<[Step, string]> =
    isBlank || isConvert
      ? [
          ['start', 'Begin'],
          ['describe', isConvert ? 'Folder' : 'Name'],
        ]
      : [
          ['start', 'Begin'],
          ['describe', isDiff ? 'Schemas' : 'Fields'],
          ['review', 'Text'],
        ];
  return (
    <nav aria-label="Steps">
      <ol className={classes.stepList}>
        {steps.map(([name, label], at) => {
          const isDone = ORDER.indexOf(name) < ORDER.indexOf(step);
          return (
            <li key={name}>
              <button
                type="button"
                className={classes.step}
                aria-current={name === step ? 'step' : undefined}
                disabled={name !== step && !reachable.includes(name)}
                onClick={() => onGo(name)}
              >
                <span className={classes.stepNumber}>
                  {isDone ? <IconCheck size={12} aria-label="Done" /> : at + 1}
                </span>
                {label}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
