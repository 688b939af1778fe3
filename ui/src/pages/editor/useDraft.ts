/** What is typed and not saved, kept by the backend half a second later and when the page goes away. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { invoke } from '../../api/invoke';
import { isLarge } from '../../editor/languages';
import { type Base, encodeDraft, type Texts } from './document';

const SAVE_AFTER_MS = 500;
const SAVE_LARGE_AFTER_MS = 3000;

export function useDraft(connection: string, state: { base: Base; texts: Texts } | null, dirty: boolean) {
  const [failed, setFailed] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<(() => void) | null>(null);
  const kept = useRef(false);
  const texts = state?.texts;
  const key = state?.base.file.migration.filename;
  const sha256 = state?.base.file.sha256;

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    pending.current?.();
    pending.current = null;
  }, []);

  const forget = useCallback(() => {
    clearTimeout(timer.current);
    pending.current = null;
    kept.current = false;
    if (key) void invoke('draft:delete', { connection, key }).catch(() => undefined);
  }, [connection, key]);

  useEffect(() => {
    if (!texts || !key) return;
    if (!dirty) {
      // Typed back to what is on disk: there is nothing to keep any more.
      if (kept.current) forget();
      return;
    }
    kept.current = true;
    pending.current = () => {
      invoke('draft:save', { connection, key, content: encodeDraft(texts), base_sha256: sha256 }).then(
        () => setFailed(false),
        () => setFailed(true),
      );
    };
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, isLarge(texts.content) ? SAVE_LARGE_AFTER_MS : SAVE_AFTER_MS);
  }, [connection, key, sha256, texts, dirty, flush, forget]);

  useEffect(() => {
    const onHide = () => flush();
    window.addEventListener('pagehide', onHide);
    return () => {
      window.removeEventListener('pagehide', onHide);
      flush();
    };
  }, [flush]);

  return { forget, failed };
}
