/** How waiting is spoken of: calm, plain, and no more than the server told. Pure. */
import type { ActivitySession, Blocker } from '../../api/events';
import { formatCount, formatDuration } from '../../lib/format';

export const HINT_AFTER_S = 10;

/** "billing-worker", else the user, else the session. */
export const nameOf = (blocker: Blocker): string =>
  blocker.application || blocker.user || `session ${blocker.session_id}`;

/** The rest of who it is: "app · 10.0.0.5 · session 4711". */
export function whereOf(blocker: Blocker): string {
  const session = /^\d+$/.test(blocker.session_id) ? `session ${blocker.session_id}` : blocker.session_id;
  // MySQL says user@host in one.
  const host = blocker.host && !blocker.user?.endsWith(`@${blocker.host}`) ? blocker.host : null;
  const parts = [blocker.application ? blocker.user : null, host, session];
  return parts.filter((part) => part && part !== nameOf(blocker)).join(' · ');
}

/** "has a transaction open and does nothing in it, for 4 min". */
export function doingOf(blocker: Blocker): string | null {
  const time = typeof blocker.since_s === 'number' ? formatDuration(blocker.since_s * 1000) : null;
  const { state, waits_for } = blocker;
  if (!state) return time && `for ${time}`;
  const doing = waits_for?.length ? `waits for session ${waits_for.join(', ')} itself` : state;
  return time ? `${doing}, for ${time}` : doing;
}

/** The words before its statement: it may have ended long ago. */
export const queryLabel = (blocker: Blocker): string =>
  /nothing/.test(blocker.state ?? '') || /ended/.test(blocker.state ?? '') ? 'Its last statement' : 'It runs';

/** Who holds everybody up: where the ones in the way wait themselves, the one at the head. */
export const isHead = (blocker: Blocker, all: Blocker[]): boolean =>
  all.some((one) => (one.waits_for?.length ?? 0) > 0) && (blocker.waits_for?.length ?? 0) === 0;

/** "Waiting for users", "Waiting for a lock". */
export function titleOf(session: ActivitySession): string {
  const { object } = session;
  if (!object || object === 'transactionid' || object === 'virtualxid')
    return session.state.replace(/, held by .*$/, '').replace(/\.$/, '');
  return `Waiting for ${object}`;
}

/** In the head of the panel: "Waiting for billing-worker · 12 s". */
export function pillOf(session: ActivitySession, waited_s: number | null): string {
  const head = session.blockers.find((one) => isHead(one, session.blockers)) ?? session.blockers[0];
  const whom = head ? nameOf(head) : 'a lock';
  return [`Waiting for ${whom}`, timeOf(waited_s)].filter(Boolean).join(' · ');
}

export const timeOf = (seconds: number | null | undefined): string | null =>
  typeof seconds === 'number' ? formatDuration(Math.floor(seconds) * 1000 || 1000) : null;

/** How long it has waited by now: what the server said, and the time since it said so. */
export const waitedOf = (session: ActivitySession, sinceSeenMs: number): number | null =>
  typeof session.since_s === 'number' ? session.since_s + Math.max(0, sinceSeenMs) / 1000 : null;

/** "61,200 of 100,000 documents". */
export function countsOf({ done, total, unit }: ActivitySession): string | null {
  if (typeof done !== 'number') return null;
  const of = typeof total === 'number' ? ` of ${formatCount(Math.round(total))}` : '';
  return `${formatCount(Math.round(done))}${of}${unit ? ` ${unit}` : ''}`;
}

/** Everything about it as text, to send to whoever looks after the other session. */
export function detailsOf(session: ActivitySession, target: string, waited_s: number | null): string {
  const lines = [
    `${target}: ${session.state.replace(/\.$/, '')}`,
    waited_s === null ? '' : `waiting for ${timeOf(waited_s)}, session ${session.session_id}`,
    session.query?.trim() ?? '',
  ];
  for (const one of session.blockers) {
    const sure = one.is_certain === false ? ' (likely; the server does not tell)' : '';
    lines.push('', `blocked by ${[nameOf(one), whereOf(one)].filter(Boolean).join(' · ')}${sure}`);
    const lock = one.mode ? `holds ${one.mode}${one.object ? ` on ${one.object}` : ''}` : '';
    lines.push([doingOf(one), lock].filter(Boolean).join('; '));
    if (one.query?.trim()) lines.push(one.query.trim());
    if (one.end_statement) lines.push(`to end it: ${one.end_statement}`);
  }
  return `${lines
    .filter((line, index) => line || (lines[index - 1] ?? '') !== '')
    .join('\n')
    .trim()}\n`;
}
