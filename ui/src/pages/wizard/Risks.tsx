/** What is said of the text before it is written: the same as the editor says of a file. */
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { useChannel } from '../../api/queries';
import type { RenderedFile } from '../../api/types.generated';
import { SeverityBadge, UnknownBadge } from '../../components/SeverityBadge';
import { type Diagnostic, diagnosticsOf, type Marker, markersByHalf } from '../../editor/diagnostics';
import { findHalves } from '../../editor/halves';
import { type EditedFile, wholeOf } from './state';
import classes from './wizard.module.css';

const AFTER_MS = 350;

export interface FoundRisks {
  list: Diagnostic[];
  markers: Record<'up' | 'down', Marker[]>;
}

export function useRisks(
  connection: string,
  file: RenderedFile | undefined,
  text: EditedFile | undefined,
): FoundRisks {
  const content = file && text ? wholeOf(file, text) : null;
  const [settled] = useDebouncedValue(content, AFTER_MS);
  const { data } = useChannel(
    'migration:validate',
    { connection, content: settled },
    { enabled: settled !== null, gcTime: 30_000, staleTime: 0 },
  );
  return useMemo(() => {
    const [report] = data?.files ?? [];
    const list = report && settled === content ? diagnosticsOf(report) : [];
    const halves = findHalves(content ?? '', text?.up.trimEnd() ?? '', text?.down.trimEnd() ?? '');
    return { list, markers: markersByHalf(list, halves) };
  }, [data, settled, content, text]);
}

export function Risks({ risks }: { risks: FoundRisks }) {
  if (risks.list.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is scrolled by the keyboard too.
    <ul className={classes.risks} aria-label="Findings" tabIndex={0}>
      {risks.list.map((one) => (
        <li key={one.id}>
          <span>
            <SeverityBadge level={one.level} plain />
          </span>
          <span>
            {one.message} {one.finding?.advice && <span className="dim">{one.finding.advice}</span>}{' '}
            {one.finding?.unknown && <UnknownBadge />}
          </span>
        </li>
      ))}
    </ul>
  );
}
