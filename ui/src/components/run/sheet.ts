/** What the panel of a run and the sheet of a mark have in common. */
import type { Connection } from '../../api/types.generated';
import type { RunQuestion } from './ask';

export interface SheetProps {
  question: RunQuestion;
  connection: Connection;
  onClose(): void;
  /** Does it; `confirm` where the name was typed. */
  onRun(question: RunQuestion, outOfOrder: boolean, confirm: string | undefined): void;
}

const TITLES: Record<RunQuestion['channel'], string> = {
  'migration:up': 'Apply to',
  'migration:down': 'Roll back on',
  'migration:retry': 'Retry on',
  'migration:redo': 'Roll back and apply again on',
  'migration:baseline': 'Mark as applied on',
  'migration:resume': 'Resume on',
};

export function titleOf({ channel, mark, looking, rehearse }: RunQuestion): string {
  if (looking) return rehearse ? 'Rehearse for' : 'Preview for';
  return channel === 'migration:baseline' && mark === 'not_applied'
    ? 'Mark as not applied on'
    : TITLES[channel];
}
