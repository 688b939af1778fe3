/** A rehearsal that ends while its panel is closed is announced, and the announcement opens it. */
import type { LiveJob } from '../../../api/jobs';
import type { Rehearsal } from '../../../api/types.generated';
import { plural } from '../../../lib/format';
import { notifyInfo, notifySuccess, notifyWarning } from '../../notify';
import { verdictWords } from '../words';
import type { Lead } from './useRehearsal';

export function announce(job: LiveJob, { target, open }: Lead): void {
  const lead = { action: { label: 'Show it', run: open } };
  if (job.state === 'cancelled') return void notifyInfo(`The rehearsal for ${target} was cancelled`);
  if (job.state === 'failed') {
    const { message } = (job.error ?? {}) as { message?: string };
    return void notifyWarning(`The rehearsal for ${target} could not be done`, message, lead);
  }
  const { verdict, files } = job.result as unknown as Rehearsal;
  const { word, tone, means } = verdictWords(verdict);
  const title = `${plural(files.length, 'file')} rehearsed for ${target}: ${word}`;
  if (tone === 'red') notifyWarning(title, means, lead);
  else notifySuccess(title, means, lead);
}
