/** What can be taken back after a run: marking, which changed nothing but the migrations table. */
import { startRun } from '../../api/runs';
import { plural } from '../../lib/format';
import { notifySuccess } from '../notify';
import type { RunQuestion } from './ask';

export function offerUndo(question: RunQuestion, target: string): void {
  if (question.channel !== 'migration:baseline' || !question.versions) return;
  const { connection, versions } = question;
  const applied = question.mark !== 'not_applied';
  const words = (mark: boolean) =>
    `Marked ${plural(versions.length, 'migration')} as ${mark ? 'applied' : 'not applied'}`;
  notifySuccess(words(applied), `on ${target}`, {
    undo: async () => {
      await startRun('migration:baseline', {
        connection,
        versions,
        mark: applied ? 'not_applied' : 'applied',
      });
    },
  });
}
