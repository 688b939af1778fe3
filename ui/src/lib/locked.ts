/** Whether an error is mended by giving the password of a connection that keeps none. */
import type { ChannelError } from '../api/invoke';
import type { Connection } from '../api/types.generated';

/** The password was not given yet since the app started. */
export const isLocked = (error: ChannelError) => error.details.unlock === true;

/** Not given, or the one that was given is wrong. */
export const needsPassword = (error: ChannelError, connection: Connection | undefined | null) =>
  isLocked(error) || (connection?.secret === 'ask' && error.code === 'authentication_failed');
