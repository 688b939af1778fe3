/** The file's text looked at by the backend a moment after typing stops. Typing never waits for it. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { onEvent } from '../../api/events';
import { asChannelError, type ChannelError, invoke } from '../../api/invoke';
import type { FileReport } from '../../api/types.generated';
import { type Diagnostic, diagnosticsOf } from '../../editor/diagnostics';
import { findHalves, type Halves } from '../../editor/halves';
import { type Base, isJavaScript, type Texts, wholeOf } from './document';

const AFTER_MS = 350;

interface Answer {
  /** The text it is about, and where its halves stood in it. */
  of: string;
  halves: Halves;
  report: FileReport | null;
  notes: string[];
}

export interface Diagnostics {
  list: Diagnostic[];
  report: FileReport | null;
  /** What could not be looked at, and why. */
  notes: string[];
  /** The text the lines are counted in. */
  content: string;
  halves: Halves;
  /** It is about the text as it stands now. */
  isCurrent: boolean;
  /** Why it could not be looked at. */
  error: ChannelError | null;
}

export function useDiagnostics(connection: string, base: Base, texts: Texts): Diagnostics {
  const { filename, problems } = base.file.migration;
  const isMissing = base.file.migration.flags.includes('missing_file');
  const content = useMemo(() => contentOf(texts, base), [texts, base]);
  const halves = useMemo(
    () =>
      texts.view === 'raw' || content === base.file.content
        ? base.halves
        : findHalves(content, texts.up.trimEnd(), texts.down.trimEnd()),
    [content, texts, base],
  );
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<ChannelError | null>(null);
  const [asked, setAsked] = useState(0);
  const turn = useRef(0);
  const first = useRef(true);
  const latest = useRef(halves);
  latest.current = halves;

  // Other files, the settings and the database decide too.
  useEffect(() => {
    const again = () => setAsked((count) => count + 1);
    const stops = (['migrations:changed', 'database:changed', 'connection:changed'] as const).map((name) =>
      onEvent(name, (event) => event.connection === connection && again()),
    );
    stops.push(onEvent('settings:changed', again));
    return () => {
      for (const stop of stops) stop();
    };
  }, [connection]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` asks again for the same text.
  useEffect(() => {
    turn.current += 1;
    const mine = turn.current;
    if (isMissing) return;
    const ask = async () => {
      try {
        const found = await invoke('migration:validate', {
          connection,
          version: filename,
          content,
          columns: 'utf16',
        });
        // The text has changed since: another answer is on its way.
        if (turn.current !== mine) return;
        setAnswer({
          of: content,
          halves: latest.current,
          report: found.files[0] ?? null,
          notes: found.notes,
        });
        setError(null);
      } catch (thrown) {
        if (turn.current === mine) setError(asChannelError(thrown));
      }
    };
    const timer = setTimeout(() => void ask(), first.current ? 0 : AFTER_MS);
    first.current = false;
    return () => clearTimeout(timer);
  }, [connection, filename, content, isMissing, asked]);

  const report = answer?.report ?? null;
  // Until the first answer, what the list of files knows of the saved one.
  const list = useMemo(() => diagnosticsOf(report ?? { problems, findings: [] }), [report, problems]);
  return {
    list,
    report,
    notes: answer?.notes ?? [],
    content: answer?.of ?? base.file.content,
    halves: answer?.halves ?? base.halves,
    isCurrent: answer?.of === content,
    error,
  };
}

/** The whole file; where only the backend can put the halves into their places, about what it will write. */
export function contentOf(texts: Texts, base: Base): string {
  const whole = wholeOf(texts, base);
  if (whole !== null || isJavaScript(base.file.migration.filename)) return whole ?? base.file.content;
  const option = texts.transaction ? '' : ' transaction:false';
  return `-- migrate:up${option}\n${texts.up.trimEnd()}\n\n-- migrate:down${option}\n${texts.down.trimEnd()}\n`;
}
