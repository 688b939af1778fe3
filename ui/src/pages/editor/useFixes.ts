/** Making the changes a finding proposes: in the text as it stands, and in migrations of their own after asking. */
import { useState } from 'react';
import { act, isDeclined } from '../../api/actions';
import { asChannelError, type ChannelError } from '../../api/invoke';
import type { Connection, Finding, Fix, NewFile, TextEdit } from '../../api/types.generated';
import { notifyInfo, notifySuccess } from '../../components/notify';
import { applyEdits, editHalves, safeFormEdit, suppressEdit } from '../../editor/edits';
import { plural } from '../../lib/format';
import { isJavaScript } from './document';
import type { Diagnostics } from './useDiagnostics';
import type { Doc } from './useDocument';

export interface Fixes {
  apply(fix: Fix): void;
  takeSafeForm(finding: Finding): void;
  canTakeSafeForm(finding: Finding): boolean;
  suppress(finding: Finding, reason: string): void;
  /** A fix that needs further migrations, waiting for the user's word. */
  asking: Fix | null;
  agree(): Promise<void>;
  decline(): void;
  isMaking: boolean;
  problem: ChannelError | null;
}

export function useFixes(connection: Connection, doc: Doc, found: Diagnostics): Fixes {
  const [asking, setAsking] = useState<Fix | null>(null);
  const [made, setMade] = useState<NewFile[]>([]);
  const [isMaking, setMaking] = useState(false);
  const [problem, setProblem] = useState<ChannelError | null>(null);

  /** False where the text has changed since it was looked at: its lines are no longer those. */
  const edit = (edits: TextEdit[]): boolean => {
    if (!found.isCurrent) {
      notifyInfo('The text has just changed', 'It is being looked at again: try once more in a moment.');
      return false;
    }
    if (edits.length === 0) return true;
    const { texts } = doc;
    if (texts.view === 'raw') {
      doc.change({ content: applyEdits(found.content, edits) });
      return true;
    }
    const edited = editHalves(found.content, found.halves, texts, edits);
    if (edited.view === 'split') {
      doc.change(edited);
      return true;
    }
    // The whole file is shown as it was first, so that its editor can take the change back.
    doc.change({ view: 'raw', content: found.content });
    setTimeout(() => doc.change(edited));
    return true;
  };

  const apply = (fix: Fix) => {
    if (fix.new_files.length === 0) return void edit(fix.edits);
    setProblem(null);
    setMade([]);
    setAsking(fix);
  };

  const agree = async () => {
    if (!asking || isMaking) return;
    setMaking(true);
    setProblem(null);
    const done = [...made];
    try {
      for (const file of asking.new_files.slice(done.length)) {
        await act('migration:new', {
          connection: connection.id,
          name: file.name,
          up: file.up,
          down: file.down,
          transaction: file.transaction,
        });
        done.push(file);
        setMade([...done]);
      }
    } catch (thrown) {
      if (!isDeclined(thrown)) setProblem(asChannelError(thrown));
      return;
    } finally {
      setMaking(false);
    }
    edit(asking.edits);
    setAsking(null);
    notifySuccess(`${plural(done.length, 'migration')} made`, 'Pending, to be applied after this one.');
  };

  return {
    apply,
    takeSafeForm: (finding) => {
      const place = safeFormEdit(found.content, finding);
      if (place) edit([place]);
    },
    canTakeSafeForm: (finding) => safeFormEdit(found.content, finding) !== null,
    suppress: (finding, reason) => {
      const isJs = isJavaScript(doc.base.file.migration.filename);
      edit([suppressEdit(found.content, finding, reason, found.halves, isJs)]);
    },
    asking,
    agree,
    decline: () => setAsking(null),
    isMaking,
    problem,
  };
}
