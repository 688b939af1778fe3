/** Which rows are chosen and which one is active, as lists do: arrows, Space, Shift, Ctrl+A. */
import { useCallback, useMemo, useState } from 'react';
import type { Migration } from '../../api/types.generated';
import { useKept } from '../../lib/kept';

const NONE: ReadonlySet<string> = new Set();

export interface Selection {
  active: number;
  chosen: ReadonlySet<string>;
  setActive(at: number): void;
  /** Toggle one; it becomes the anchor of the next range. */
  toggle(at: number): void;
  /** Choose everything between the anchor and this row. */
  extendTo(at: number): void;
  chooseAll(): void;
  clear(): void;
}

export function useSelection(rows: Migration[]): Selection {
  const [activeName, setActiveName] = useKept<string | null>('migrations.active', null);
  const [anchorName, setAnchorName] = useState<string | null>(null);
  const [picked, setPicked] = useKept<ReadonlySet<string>>('migrations.picked', NONE);
  const positions = useMemo(() => new Map(rows.map((row, at) => [row.filename, at])), [rows]);
  // By name, so that both stay on their row when the list changes under them.
  const active = (activeName !== null && positions.get(activeName)) || 0;
  const chosen = useMemo(
    () => new Set([...picked].filter((name) => positions.has(name))),
    [picked, positions],
  );

  const nameAt = useCallback(
    (at: number) => rows[Math.max(0, Math.min(at, rows.length - 1))]?.filename ?? null,
    [rows],
  );
  const setActive = useCallback((at: number) => setActiveName(nameAt(at)), [nameAt, setActiveName]);
  const toggle = (at: number) => {
    const name = nameAt(at);
    if (!name) return;
    setActiveName(name);
    setAnchorName(name);
    setPicked((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      return after;
    });
  };
  const extendTo = (at: number) => {
    const anchor = anchorName ?? activeName ?? nameAt(0);
    const from = (anchor !== null && positions.get(anchor)) || 0;
    const to = Math.max(0, Math.min(at, rows.length - 1));
    const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.filename);
    setAnchorName(anchor);
    setActiveName(nameAt(to));
    setPicked(new Set(range));
  };
  return {
    active,
    chosen,
    setActive,
    toggle,
    extendTo,
    chooseAll: () => setPicked(new Set(rows.map((row) => row.filename))),
    clear: () => setPicked(new Set()),
  };
}
