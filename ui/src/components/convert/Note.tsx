/** One sentence of the report, with its place. */
import type { ConversionNote } from '../../api/types.generated';
import classes from './convert.module.css';

export function Note({ note, isBad = false }: { note: ConversionNote; isBad?: boolean }) {
  return (
    <li className={isBad ? classes.bad : undefined}>
      {note.file && (
        <>
          <span className="mono">
            {note.file}
            {note.line !== null && `:${note.line}`}
          </span>{' '}
        </>
      )}
      {note.message}
    </li>
  );
}
