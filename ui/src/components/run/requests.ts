/** What a question asks of the backend: its plan, its preview, its rehearsal, its run. Pure. */
import type { Request } from '../../api/invoke';
import type { Direction } from '../../api/types.generated';
import type { Subject } from '../preview/rehearsal/useRehearsal';
import type { RunQuestion } from './ask';

/** Redoing rolls back first: that is what its plan and preview show. */
export function directionOf({ channel, direction }: RunQuestion): Direction {
  return channel === 'migration:down' || channel === 'migration:redo' || direction === 'down' ? 'down' : 'up';
}

export function planRequest(question: RunQuestion, outOfOrder: boolean): Request<'migration:plan'> {
  const { versions, to, count, connection } = question;
  return {
    connection,
    direction: directionOf(question),
    versions,
    to,
    count,
    allow_out_of_order: outOfOrder,
  };
}

export function previewRequest(
  question: RunQuestion,
  direction: Direction,
  outOfOrder: boolean,
): Request<'preview:show'> {
  return { ...planRequest(question, outOfOrder), direction, content: question.content };
}

export function subjectOf(question: RunQuestion, direction: Direction): Subject {
  const { connection, versions, to, count, content } = question;
  return { connection, direction, versions, to, count, content };
}

export function runRequest(question: RunQuestion, outOfOrder: boolean, confirm: string | undefined) {
  const { versions, to, count } = question;
  const order = outOfOrder ? { allow_out_of_order: true } : {};
  const plain = { connection: question.connection, ...(confirm ? { confirm } : {}) };
  const base = { ...plain, ...(question.backup === undefined ? {} : { backup: question.backup }) };
  switch (question.channel) {
    case 'migration:redo':
      return { ...base, version: versions?.[0], ...order };
    case 'migration:retry':
      return { ...base, versions, ...order };
    case 'migration:resume':
      return { ...base, run_id: question.runId ?? '', ...order };
    case 'migration:baseline':
      return { ...plain, versions, mark: question.mark ?? 'applied' };
    default: {
      const given = Object.fromEntries(
        Object.entries({ versions, to, count }).filter(([, value]) => value !== undefined),
      );
      return { ...base, ...given, ...order };
    }
  }
}
