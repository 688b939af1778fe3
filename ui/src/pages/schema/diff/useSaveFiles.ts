/** Writing the generated files as migrations, one after the other; what a save that stopped half way wrote is kept. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act, isDeclined } from '../../../api/actions';
import { asChannelError } from '../../../api/invoke';
import { refresh } from '../../../api/queries';
import type { Connection } from '../../../api/types.generated';
import type { Diff } from '../../../components/schemaDiff/state';

export interface Saving {
  /** The filenames in the order they run; null where not all could be written (`diff.state.problem` says why). */
  save(): Promise<string[] | null>;
  isSaving: boolean;
}

/** `add users`, `add users 2`, …: each file's words. */
export const fileName = (name: string, at: number, count: number) =>
  count === 1 ? name.trim() : `${name.trim()} ${at + 1}`;

export function useSaveFiles(connection: Connection, diff: Diff): Saving {
  const client = useQueryClient();
  const [isSaving, setSaving] = useState(false);
  const save = async () => {
    if (isSaving) return null;
    setSaving(true);
    const { files, name } = diff.state;
    const saved = [...diff.state.saved];
    try {
      for (const [at, file] of files.entries()) {
        if (at < saved.length) continue;
        const { up, down, transaction, transaction_down } = file;
        const made = await act('migration:new', {
          connection: connection.id,
          name: fileName(name, at, files.length),
          up,
          down,
          transaction,
          transaction_down,
        });
        saved.push(made.filename);
        diff.change({ saved: [...saved] });
      }
      // Saved is done: coming back here must not save the same once more.
      diff.change({ saved: [], made: null, files: [], proven: [], proof: null, view: 'changes' });
      return saved;
    } catch (thrown) {
      if (!isDeclined(thrown)) diff.change({ problem: asChannelError(thrown) });
      return null;
    } finally {
      setSaving(false);
      void refresh(client, ['migration:'], connection.id);
    }
  };
  return { save, isSaving };
}
