/** Channels that change something, for buttons: consent, jobs, a refreshed cache, and errors that are seen. */
import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { notifyError } from '../components/notify';
import { ConsentDeclined, withConsent } from './consent';
import { type Answer, type Channel, ChannelError, type Request } from './invoke';
import { runJob } from './jobs';
import { refresh } from './queries';
import { JOB_CHANNELS, type JobChannel } from './types.generated';

const JOBS: ReadonlySet<string> = new Set(JOB_CHANNELS);

/** What to ask for again once a noun has changed. */
const TOUCHES: Record<string, string[]> = {
  connection: ['connection:', 'migration:', 'schema:', 'draft:'],
  database: ['connection:test', 'migration:', 'schema:'],
  schema: ['schema:', 'migration:'],
  collection: ['schema:'],
  migration: ['migration:', 'schema:'],
  settings: ['settings:'],
  draft: ['draft:'],
  convert: ['migration:', 'connection:', 'schema:', 'convert:'],
  backup: ['backup:', 'timeline:', 'history:', 'dashboard:show'],
};

/** Call a channel that changes something; jobs run as jobs, consent is asked for where it must be. */
export function act<C extends Channel>(channel: C, payload: Request<C>): Promise<Answer<C>> {
  return JOBS.has(channel)
    ? (runJob(channel as JobChannel, payload as Request<JobChannel>) as Promise<Answer<C>>)
    : withConsent(channel, payload);
}

interface Options<C extends Channel> {
  onSuccess?(answer: Answer<C>, payload: Request<C>): void;
  /** The caller shows `error` itself (in an ErrorPanel), so it is not also announced. */
  quiet?: boolean;
}

/** A mutation over a channel: `mutate(payload)`, `isPending`, `error`. A declined consent is not an error. */
export function useAction<C extends Channel>(
  channel: C,
  options: Options<C> = {},
): UseMutationResult<Answer<C>, ChannelError, Request<C>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (payload: Request<C>) => act(channel, payload),
    onSuccess: async (answer, payload) => {
      options.onSuccess?.(answer, payload);
    },
    onError: (problem: ChannelError) => {
      if (!options.quiet && !(problem instanceof ConsentDeclined)) notifyError(problem);
    },
    // Also after a failure: a part of it may have happened.
    onSettled: () => {
      void refresh(client, TOUCHES[channel.split(':')[0] ?? ''] ?? []);
    },
  });
}

export const isDeclined = (problem: unknown) =>
  problem instanceof ConsentDeclined || (problem instanceof ChannelError && problem.code === 'cancelled');
