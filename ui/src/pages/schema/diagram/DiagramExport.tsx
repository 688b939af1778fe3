/** The diagram as SVG or PNG. */
import { invoke } from '../../../api/invoke';
import type { Connection } from '../../../api/types.generated';
import { type ExportFormat, ExportMenu } from '../../../components/export/ExportMenu';
import { base64, coloursNow, toPng, toSvg } from './picture';
import type { LaidOut } from './useLayout';

const FORMATS: ExportFormat[] = [
  { id: 'svg', label: 'SVG', suffix: 'svg', type: 'image/svg+xml' },
  { id: 'png', label: 'PNG', suffix: 'png', type: 'image/png' },
];

export function DiagramExport({ connection, laidOut }: { connection: Connection; laidOut: LaidOut }) {
  const write = async (format: string, path: string | null, overwrite: boolean) => {
    const { boxes, diagram, layout } = laidOut;
    const svg = toSvg(boxes, diagram.edges, layout, coloursNow());
    const file =
      format === 'png'
        ? await toPng(svg, layout.width, layout.height)
        : new Blob([svg], { type: 'image/svg+xml' });
    if (path === null) {
      return {
        text: file,
        path: null,
        filename: `${connection.id}-diagram.${format}`,
        size_bytes: file.size,
      };
    }
    const data = await base64(file);
    return {
      text: null,
      ...(await invoke('schema:picture', { connection: connection.id, data, path, overwrite })),
    };
  };
  return <ExportMenu name={`${connection.id}-diagram`} formats={FORMATS} write={write} />;
}
