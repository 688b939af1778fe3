/** The preview of the text as it stands, saved or not; what it proposes is done in the editor. */
import { type RefObject, useRef } from 'react';
import type { Connection, Finding } from '../../api/types.generated';
import type { Mending } from '../../components/finding/FindingBody';
import { notifyInfo } from '../../components/notify';
import { askRun, type RunQuestion, runAsked } from '../../components/run/ask';
import { isJavaScript, wholeOf } from './document';
import type { PanesHandle } from './Panes';
import { contentOf, type Diagnostics } from './useDiagnostics';
import type { Doc } from './useDocument';
import type { Fixes } from './useFixes';

interface Given {
  connection: Connection;
  doc: Doc;
  found: Diagnostics;
  fixes: Fixes;
  readOnly: boolean;
  panes: RefObject<PanesHandle | null>;
  save(): Promise<boolean>;
}

export function usePreview(given: Given): () => Promise<void> {
  const latest = useRef(given);
  latest.current = given;
  return async () => {
    given.panes.current?.flush();
    // What was flushed is in the document after this turn.
    await new Promise((resolve) => setTimeout(resolve));
    const { connection, doc } = latest.current;
    const { migration } = doc.base.file;
    const isApplied = migration.status === 'applied';
    const question: RunQuestion = {
      channel: isApplied ? 'migration:down' : 'migration:up',
      connection: connection.id,
      versions: [migration.filename],
      looking: isApplied || connection.read_only,
      mend: (finding) => mendingOf(finding, latest),
    };
    if (!doc.dirty) return askRun(question);
    if (wholeOf(doc.texts, doc.base) === null && isJavaScript(migration.filename))
      return void notifyInfo('Save it first', 'Its halves can only be put together when it is saved.');
    askRun({
      ...question,
      content: contentOf(doc.texts, doc.base),
      ...(isApplied ? {} : { save: () => latest.current.save() }),
    });
  };
}

/** The fixes are those the editor knows of the same finding: their places are counted in its own text. */
function mendingOf(finding: Finding, latest: RefObject<Given>): Mending | null {
  const { found, readOnly } = latest.current;
  const own = found.list.find(
    ({ finding: one }) =>
      one?.code === finding.code && one.line === finding.line && one.message === finding.message,
  )?.finding;
  if (readOnly || !own) return null;
  const leave = (act: (fixes: Fixes) => void) => {
    runAsked.set(null);
    act(latest.current.fixes);
  };
  return {
    fixes: own.fixes,
    apply: (fix) => leave((fixes) => fixes.apply(fix)),
    ...(latest.current.fixes.canTakeSafeForm(own)
      ? { takeSafeForm: () => leave((fixes) => fixes.takeSafeForm(own)) }
      : {}),
  };
}
