/** The wizard's state: in memory while the app runs, and as a draft, so that a reload or a crash loses nothing. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { invoke } from '../../api/invoke';
import { useChannel } from '../../api/queries';
import { createStore, useStore } from '../../lib/store';
import { decodeState, EMPTY, isStarted, type WizardState } from './state';

const KEY = 'wizard';
const SAVE_AFTER_MS = 500;

const states = createStore<ReadonlyMap<string, WizardState>>(new Map());

const put = (connection: string, state: WizardState | null) =>
  states.set((before) => {
    const after = new Map(before);
    if (state) after.set(connection, state);
    else after.delete(connection);
    return after;
  });

export interface Wizard {
  state: WizardState;
  /** Set where the state was there before this page was opened. */
  resumed: boolean;
  /** The draft could not be kept. */
  draftFailed: boolean;
  change(part: Partial<WizardState> | ((before: WizardState) => Partial<WizardState>)): void;
  /** Forget everything. */
  reset(): void;
}

/** Null while the draft is looked for. `preselect` is a template to begin with. */
export function useWizard(connection: string, preselect: string | null): Wizard | null {
  const inMemory = useStore(states).get(connection);
  const [looked, setLooked] = useState(inMemory !== undefined);
  const [resumed, setResumed] = useState(inMemory !== undefined && isStarted(inMemory));
  const [draftFailed, setDraftFailed] = useState(false);
  const drafts = useChannel(
    'draft:list',
    { connection },
    { staleTime: 0, enabled: !looked, refetchOnWindowFocus: false },
  );

  useEffect(() => {
    if (looked || drafts.isLoading || (drafts.data && !drafts.isFetchedAfterMount)) return;
    const kept = drafts.data?.drafts.find((one) => one.key === KEY);
    const state = kept ? decodeState(kept.content) : null;
    if (state && isStarted(state)) setResumed(true);
    put(connection, state ?? EMPTY);
    setLooked(true);
  }, [looked, drafts.data, drafts.isLoading, drafts.isFetchedAfterMount, connection]);

  const started = useRef(false);
  useEffect(() => {
    if (!looked || started.current || !preselect) return;
    started.current = true;
    put(connection, { ...(states.get().get(connection) ?? EMPTY), template: preselect, step: 'describe' });
  }, [looked, preselect, connection]);

  const pending = useRef<(() => void) | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const flush = useCallback(() => {
    clearTimeout(timer.current);
    pending.current?.();
    pending.current = null;
  }, []);
  useEffect(() => {
    window.addEventListener('pagehide', flush);
    return () => {
      window.removeEventListener('pagehide', flush);
      flush();
    };
  }, [flush]);

  const change = useCallback<Wizard['change']>(
    (part) => {
      const before = states.get().get(connection) ?? EMPTY;
      const after = { ...before, ...(typeof part === 'function' ? part(before) : part) };
      put(connection, after);
      pending.current = () => {
        invoke('draft:save', { connection, key: KEY, content: JSON.stringify(after) }).then(
          () => setDraftFailed(false),
          () => setDraftFailed(true),
        );
      };
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, SAVE_AFTER_MS);
    },
    [connection, flush],
  );

  const reset = useCallback(() => {
    clearTimeout(timer.current);
    pending.current = null;
    setResumed(false);
    put(connection, EMPTY);
    void invoke('draft:delete', { connection, key: KEY }).catch(() => undefined);
  }, [connection]);

  return looked && inMemory ? { state: inMemory, resumed, draftFailed, change, reset } : null;
}

/** For tests: as after a restart of the window. */
export const forgetWizards = () => states.set(new Map());
