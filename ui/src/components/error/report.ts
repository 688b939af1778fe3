/** An error as a text to send to somebody, where the backend cannot write it. It left secrets out of the error already. */
import { causeOf } from '../../api/errors';
import type { ChannelError, ErrorShape } from '../../api/invoke';

/** As the envelope had it. */
export const shapeOf = (error: ChannelError): ErrorShape => ({
  code: error.code,
  title: error.title,
  message: error.message,
  hint: error.hint,
  details: error.details,
});

/** The error's parts as text; a file's own text is not sent along. */
export function textOf(error: ChannelError): string {
  const { content: _, ...details } = error.details;
  const cause = causeOf(error);
  const lines = [
    `${error.title}\n${error.message}`,
    error.hint,
    `code: ${error.code}${cause === error ? '' : ` (${cause.code})`}${error.channel ? `\nchannel: ${error.channel}` : ''}`,
    Object.keys(details).length > 0 && JSON.stringify(details, null, 2),
  ];
  return lines.filter(Boolean).join('\n\n');
}
