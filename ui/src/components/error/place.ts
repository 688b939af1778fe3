/** Where in the files an error is. Pure. */
import type { ChannelError } from '../../api/invoke';

export interface FilePlace {
  file: string;
  line: number | null;
}

/** The migration an error points at, with the line where it is known. */
export function placeOf(error: ChannelError): FilePlace | null {
  const { filename, file, version, files, line } = error.details;
  const only = Array.isArray(files) && files.length === 1 ? files[0] : null;
  const found = filename ?? version ?? (typeof file === 'string' ? file.split(/[\\/]/).at(-1) : null) ?? only;
  if (typeof found !== 'string' || !found) return null;
  return { file: found, line: typeof line === 'number' && line > 0 ? line : null };
}
