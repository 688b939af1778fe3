/** The down written from the up: at once where down is empty, else after a look at both. */
import { useRef, useState } from 'react';
import { asChannelError, invoke } from '../../api/invoke';
import type { Connection, GeneratedDown } from '../../api/types.generated';
import { notifyError, notifyInfo } from '../../components/notify';
import type { Dialect } from '../../editor/languages';
import { outlineOf } from '../../editor/outline';
import type { Doc } from './useDocument';

export interface DownMaker {
  isMaking: boolean;
  /** What would be written over a down that is there, waiting for a choice. */
  asking: GeneratedDown | null;
  /** What was written last and what it could not undo; null once it is dismissed. */
  last: GeneratedDown | null;
  make(): Promise<void>;
  choose(how: 'replace' | 'append'): void;
  cancel(): void;
  dismiss(): void;
}

/** Nothing but comments and white space. */
export const isEmptyHalf = (text: string, dialect: Dialect) =>
  outlineOf(text, dialect).length === 0 && !/[^\s;]/.test(bare(text));
const bare = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?:--|\/\/).*$/gm, '');

export function useGenerateDown(connection: Connection, doc: Doc, dialect: Dialect): DownMaker {
  const [isMaking, setMaking] = useState(false);
  const [asking, setAsking] = useState<GeneratedDown | null>(null);
  const [last, setLast] = useState<GeneratedDown | null>(null);
  const latest = useRef(doc);
  latest.current = doc;

  const write = (made: GeneratedDown, how: 'replace' | 'append') => {
    const { down } = latest.current.texts;
    const text = how === 'replace' ? made.down : `${down.trimEnd()}\n\n${made.down}`;
    latest.current.change({ down: text });
    setAsking(null);
    setLast(made);
  };

  const make = async () => {
    if (isMaking) return;
    const { up, transaction } = latest.current.texts;
    if (isEmptyHalf(up, dialect))
      return void notifyInfo('There is nothing to undo', 'Up has no statement yet.');
    setMaking(true);
    try {
      const made = await invoke('migration:generate-down', {
        connection: connection.id,
        up,
        transaction,
        // What is applied has changed the schema already.
        live: latest.current.base.file.migration.status !== 'applied',
      });
      // What was typed meanwhile is not what this undoes.
      if (latest.current.texts.up !== up)
        notifyInfo('Up has changed meanwhile', 'Generate the down once more.');
      else if (isEmptyHalf(latest.current.texts.down, dialect)) write(made, 'replace');
      else setAsking(made);
    } catch (thrown) {
      notifyError(asChannelError(thrown));
    } finally {
      setMaking(false);
    }
  };

  return {
    isMaking,
    asking,
    last,
    make,
    choose: (how) => asking && write(asking, how),
    cancel: () => setAsking(null),
    dismiss: () => setLast(null),
  };
}
