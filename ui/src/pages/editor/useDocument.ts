/**
 * One file under the editor: read, edited, kept as a draft, saved, and compared with the disk. Text that the user typed is
 * never dropped: it is a draft until it is saved or discarded by hand, and a file that changed on disk is not overwritten
 * before the user has chosen.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { act } from '../../api/actions';
import { asChannelError, type ChannelError, invoke } from '../../api/invoke';
import { channelKey, refresh, useChannel } from '../../api/queries';
import { useSettings } from '../../api/settings';
import type { MigrationContent } from '../../api/types.generated';
import {
  type Base,
  baseOf,
  decodeDraft,
  isDirty,
  type Texts,
  textsOf,
  updateOf,
  type View,
} from './document';
import { useDraft } from './useDraft';

/** The file on disk is another one than the text started from. */
export interface Conflict {
  content: string;
  sha256: string;
}

export interface Doc {
  base: Base;
  texts: Texts;
  dirty: boolean;
  saving: boolean;
  /** When the draft that was brought back had been kept. */
  restoredAt: string | null;
  /** Set for a moment after the file was taken anew from the disk. */
  reloaded: boolean;
  conflict: Conflict | null;
  problem: ChannelError | null;
  change(part: Partial<Texts>): void;
  /** Save what is typed, or `whole` instead. Resolves with whether it is on disk now. */
  save(whole?: { content: string; expected: string }): Promise<boolean>;
  /** Drop what was typed and show the file as it is on disk. */
  discard(): Promise<void>;
}

interface State {
  base: Base;
  texts: Texts;
  restoredAt: string | null;
  reloaded: boolean;
  conflict: Conflict | null;
}

export function useDocument(
  connection: string,
  version: string,
): { doc: Doc | null; error: ChannelError | null; retry(): void } {
  const client = useQueryClient();
  const settings = useSettings();
  const preferred: View = settings?.editor.layout === 'single' ? 'raw' : 'split';
  const read = useChannel('migration:read', { connection, version }, { staleTime: 0 });
  const drafts = useChannel('draft:list', { connection }, { staleTime: 0, refetchOnWindowFocus: false });
  const [state, setState] = useState<State | null>(null);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<ChannelError | null>(null);
  const latest = useRef(state);
  latest.current = state;
  const busy = useRef(false);
  const draftsReady = drafts.isFetchedAfterMount;

  // The first look, and every later one: the list of files told that something changed.
  useEffect(() => {
    if (!read.data || !settings || !draftsReady || busy.current) return;
    const file = read.data;
    setState((before) =>
      before ? lookAgain(before, file) : firstLook(file, drafts.data?.drafts ?? [], preferred),
    );
  }, [read.data, settings, draftsReady, drafts.data, preferred]);

  const dirty = state !== null && isDirty(state.texts, state.base);
  const draft = useDraft(connection, state, dirty);

  const adopt = useCallback(
    (file: MigrationContent, saved: Texts | null) => {
      client.setQueryData(channelKey('migration:read', { connection, version }), file);
      setState((before) => {
        if (!before) return before;
        const base = baseOf(file);
        // What was typed while the save was under way stays.
        const typedOn = saved !== null && before.texts !== saved;
        const texts = typedOn ? before.texts : textsOf(base, before.texts.view);
        return { base, texts, restoredAt: null, reloaded: false, conflict: null };
      });
    },
    [client, connection, version],
  );

  const save: Doc['save'] = async (whole) => {
    const now = latest.current;
    if (!now || busy.current) return false;
    if (!whole && now.conflict) return false;
    if (!whole && !isDirty(now.texts, now.base)) return true;
    busy.current = true;
    setSaving(true);
    setProblem(null);
    const filename = now.base.file.migration.filename;
    try {
      await act('migration:update', {
        connection,
        version: filename,
        expected_sha256: whole?.expected ?? now.base.file.sha256,
        ...(whole ? { content: whole.content } : updateOf(now.texts, now.base)),
      });
      adopt(await invoke('migration:read', { connection, version: filename }), whole ? null : now.texts);
      if (latest.current?.texts === now.texts) draft.forget();
      void refresh(client, ['migration:status', 'migration:list'], connection);
      return true;
    } catch (thrown) {
      const error = asChannelError(thrown);
      const { content, actual_sha256: sha256 } = error.details;
      if (error.code === 'edited_on_disk' && typeof content === 'string' && typeof sha256 === 'string')
        setState((before) => before && { ...before, conflict: { content, sha256 } });
      else if (error.code !== 'consent_declined') setProblem(error);
      return false;
    } finally {
      busy.current = false;
      setSaving(false);
    }
  };

  const discard = async () => {
    draft.forget();
    setProblem(null);
    const now = latest.current;
    if (now)
      adopt(await invoke('migration:read', { connection, version: now.base.file.migration.filename }), null);
  };

  const change = useCallback(
    (part: Partial<Texts>) =>
      setState((before) => before && { ...before, reloaded: false, texts: { ...before.texts, ...part } }),
    [],
  );

  return {
    doc: state && { ...state, dirty, saving, problem, change, save, discard },
    error: state ? null : (read.error ?? drafts.error),
    retry: () => {
      void read.refetch();
      void drafts.refetch();
    },
  };
}

type Drafts = Array<{ key: string; content: string; base_sha256: string | null; saved_at: string }>;

function firstLook(file: MigrationContent, drafts: Drafts, view: View): State {
  const base = baseOf(file);
  const fresh: State = {
    base,
    texts: textsOf(base, view),
    restoredAt: null,
    reloaded: false,
    conflict: null,
  };
  const kept = drafts.find((one) => one.key === file.migration.filename);
  const texts = kept && decodeDraft(kept.content, base);
  if (!kept || !texts || !isDirty(texts, base)) return fresh;
  const moved = kept.base_sha256 !== null && kept.base_sha256 !== file.sha256;
  return {
    ...fresh,
    texts,
    restoredAt: kept.saved_at,
    conflict: moved ? { content: file.content, sha256: file.sha256 } : null,
  };
}

function lookAgain(before: State, file: MigrationContent): State {
  const same = file.sha256 === before.base.file.sha256;
  if (same && file.migration === before.base.file.migration) return before;
  // Same text, another status: what is typed does not care.
  if (same) return { ...before, base: { ...before.base, file } };
  if (!isDirty(before.texts, before.base)) {
    const base = baseOf(file);
    return { ...before, base, texts: textsOf(base, before.texts.view), reloaded: true, conflict: null };
  }
  if (before.conflict?.sha256 === file.sha256) return before;
  return { ...before, conflict: { content: file.content, sha256: file.sha256 } };
}
