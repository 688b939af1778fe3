/** The error catalogue: what a code or a finer reason means, and what mends it. It changes only with the app. */
import type { UseQueryResult } from '@tanstack/react-query';
import { asChannelError, type ChannelError, isErrorShape } from './invoke';
import { useChannel } from './queries';
import type { ErrorCatalogue, ErrorEntry } from './types.generated';

export type { ErrorAction, ErrorEntry } from './types.generated';

export const useErrorCatalogue = (): UseQueryResult<ErrorCatalogue, ChannelError> =>
  useChannel('error:catalogue', {}, { staleTime: Number.POSITIVE_INFINITY });

/** The error behind the one that is shown: a failed run carries what the engine said. */
export const causeOf = (error: ChannelError): ChannelError =>
  isErrorShape(error.details.cause) ? asChannelError(error.details.cause) : error;

export interface Known {
  code: ErrorEntry | undefined;
  /** Finer than the code, where the engine's words told more. */
  reason: ErrorEntry | undefined;
}

/** What the catalogue knows of an error: of its cause, where it has one. */
export function knownOf(catalogue: ErrorCatalogue | undefined, error: ChannelError): Known {
  const inner = causeOf(error);
  const entries = catalogue?.entries ?? [];
  const reason = inner.details.reason ?? error.details.reason;
  return {
    code: entries.find((one) => one.group === 'codes' && one.key === inner.code),
    reason: entries.find((one) => one.group !== 'codes' && one.key === reason),
  };
}
