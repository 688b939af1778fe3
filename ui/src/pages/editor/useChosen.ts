/** The finding whose details are shown. It stays the chosen one while the findings are renewed under it. */
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Diagnostic } from '../../editor/diagnostics';
import { type Choice, choiceOf, renewed, stepFrom } from '../../editor/walk';

export interface Chosen {
  /** Its id in the list as it is now; null: none, or it is gone. */
  id: string | null;
  /** Counts the choices: what was begun at a finding (a reason, say) stays while it is renewed, and no longer. */
  turn: number;
  choose(id: string | null): void;
  /** Choose the one after or before, or the nearest to this line of the file where none is. */
  step(by: 1 | -1, line: number): Diagnostic | null;
}

export function useChosen(list: readonly Diagnostic[]): Chosen {
  const [choice, setChoice] = useState<Choice | null>(null);
  // What it became in each list decides what it becomes in the next one.
  const followed = useRef<{ choice: Choice; now: Choice } | null>(null);
  const turn = useRef(0);
  const one = useMemo(() => {
    if (!choice) return null;
    const from = followed.current?.choice === choice ? followed.current.now : choice;
    const found = renewed(from, list);
    followed.current = { choice, now: found ? choiceOf(found, list) : from };
    return found;
  }, [choice, list]);

  const take = useCallback(
    (wanted: Diagnostic | null) => {
      turn.current += 1;
      setChoice(wanted && choiceOf(wanted, list));
    },
    [list],
  );
  const choose = useCallback(
    (id: string | null) => take(list.find((each) => each.id === id) ?? null),
    [list, take],
  );
  const step = (by: 1 | -1, line: number) => {
    const gone = choice && !one ? (followed.current?.now.one ?? null) : null;
    const next = stepFrom(list, by, { chosen: one, gone, line });
    if (next) take(next);
    return next;
  };
  return { id: one?.id ?? null, turn: turn.current, choose, step };
}
