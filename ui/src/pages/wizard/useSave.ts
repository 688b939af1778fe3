/** Writing the files, one after the other; what was written by a save that stopped half way is not written again. */
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { act, isDeclined } from '../../api/actions';
import { asChannelError, type ChannelError } from '../../api/invoke';
import { refresh } from '../../api/queries';
import type { Connection, RenderedTemplate } from '../../api/types.generated';
import { notifySuccess } from '../../components/notify';
import { askRun } from '../../components/run/ask';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { contentOf, fileTitle, textsOf } from './state';
import type { Wizard } from './useWizard';

export interface Saving {
  /** `rendered` null: a blank migration. */
  save(rendered: RenderedTemplate | null, apply: boolean): Promise<void>;
  isSaving: boolean;
  problem: ChannelError | null;
}

export function useSave(connection: Connection, wizard: Wizard): Saving {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<ChannelError | null>(null);
  const busy = useRef(false);

  const save: Saving['save'] = async (rendered, apply) => {
    if (busy.current) return;
    busy.current = true;
    setSaving(true);
    setProblem(null);
    const { state } = wizard;
    const texts = rendered ? textsOf(state, rendered) : [];
    const requests = rendered
      ? rendered.files.map((file, at) => ({
          name: fileTitle(state, file),
          ...contentOf(file, texts[at] ?? file),
        }))
      : [{ name: state.name.trim() }];
    const made = [...state.made];
    try {
      for (const request of requests.slice(made.length)) {
        const migration = await act('migration:new', { connection: connection.id, ...request });
        made.push(migration.filename);
        wizard.change({ made: [...made] });
      }
    } catch (thrown) {
      if (!isDeclined(thrown)) setProblem(asChannelError(thrown));
      return;
    } finally {
      busy.current = false;
      setSaving(false);
      void refresh(client, ['migration:'], connection.id);
    }
    wizard.reset();
    const [only] = made;
    if (made.length === 1 && only) navigate(paths.editor(connection.id, only), { replace: true });
    else {
      notifySuccess(`${plural(made.length, 'migration')} made`, 'They are pending, in the order they run.');
      navigate(paths.migrations(connection.id), { replace: true });
    }
    if (apply) askRun({ channel: 'migration:up', connection: connection.id, versions: made });
  };
  return { save, isSaving, problem };
}
