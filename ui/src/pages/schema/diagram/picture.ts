/** The diagram as a file: SVG written from the layout (not read off the page), and PNG drawn from that SVG. */
import type { DiagramEdge } from '../../../api/types.generated';
import { type Layout, pathAlong } from './layout';
import { type Box, cut, HEAD_PX, ROW_PX } from './shape';

export interface Colours {
  background: string;
  box: string;
  head: string;
  border: string;
  text: string;
  dim: string;
  accent: string;
  /** Lines of the table the pointer is on. */
  lit: string;
  line: string;
}

/** The tokens as they are now, light or dark. */
export function coloursNow(): Colours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    background: token('--bg'),
    box: token('--surface'),
    head: token('--raised'),
    border: token('--border-strong'),
    text: token('--text'),
    dim: token('--text-dim'),
    accent: token('--accent-text'),
    lit: token('--accent'),
    line: token('--control-border'),
  };
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for XML: no markup, and none of the characters XML forbids. */
export const escaped = (text: string) =>
  text
    .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

export function toSvg(boxes: Box[], edges: DiagramEdge[], layout: Layout, colours: Colours): string {
  const width = Math.ceil(layout.width);
  const height = Math.ceil(layout.height);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    markers(colours),
    `<rect width="${width}" height="${height}" fill="${colours.background}"/>`,
    ...edges.map((edge) => line(edge, layout, colours)),
    ...boxes.map((box) => drawn(box, layout, colours)),
    '</svg>',
    '',
  ].join('\n');
}

const markers = ({ line }: Colours) =>
  `<defs><marker id="many" viewBox="0 0 12 12" refX="0" refY="6" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto"><path d="M 0 1 L 10 6 L 0 11" fill="none" stroke="${line}"/></marker><marker id="one" viewBox="0 0 12 12" refX="6" refY="6" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M 2 1.5 L 2 10.5" fill="none" stroke="${line}"/></marker></defs>`;

function line(edge: DiagramEdge, layout: Layout, { line }: Colours): string {
  const route = layout.routes.get(edge.id);
  if (!route) return '';
  const dashes = edge.optional ? ' stroke-dasharray="5 3"' : '';
  const title = `${edge.table} (${edge.columns.join(', ')}) → ${edge.to_table}`;
  return `<path d="${pathAlong(route)}" fill="none" stroke="${line}" stroke-width="1.2"${dashes} marker-start="url(#${edge.one_to_one ? 'one' : 'many'})" marker-end="url(#one)"><title>${escaped(title)}</title></path>`;
}

function drawn(box: Box, layout: Layout, colours: Colours): string {
  const place = layout.places.get(box.id);
  if (!place) return '';
  const font = 'font-family="JetBrains Mono, ui-monospace, monospace" font-size="11"';
  const right = box.width - 10;
  const rows = box.rows.map((column, at) => {
    const y = HEAD_PX + at * ROW_PX + 14;
    const fill = column.foreign_key ? colours.accent : colours.text;
    const weight = column.primary_key ? ' font-weight="600"' : '';
    return `<text x="10" y="${y}" ${font} fill="${fill}"${weight}>${escaped(cut(column.name))}</text><text x="${right}" y="${y}" text-anchor="end" ${font} fill="${colours.dim}">${escaped(cut(column.type, 20))}</text>`;
  });
  const more = box.more
    ? `<text x="10" y="${HEAD_PX + box.rows.length * ROW_PX + 14}" ${font} fill="${colours.dim}">${box.more} more</text>`
    : '';
  return `<g transform="translate(${place.x} ${place.y})"><title>${escaped(box.title)}</title><rect width="${box.width}" height="${box.height}" rx="6" fill="${colours.box}" stroke="${colours.border}"/><path d="M 0.5 ${HEAD_PX} V 6 Q 0.5 0.5 6 0.5 H ${box.width - 6} Q ${box.width - 0.5} 0.5 ${box.width - 0.5} 6 V ${HEAD_PX} Z" fill="${colours.head}"/><text x="10" y="20" font-family="Inter, system-ui, sans-serif" font-size="12" font-weight="600" fill="${colours.text}">${escaped(cut(box.title, 36))}</text>${rows.join('')}${more}</g>`;
}

/** Browsers draw nothing on a canvas beyond this many pixels. */
const MOST_PIXELS = 120_000_000;
const LONGEST_SIDE = 16_000;

/** The SVG as PNG, twice as fine as on paper where the browser can hold that. Rejects where it cannot draw it. */
export async function toPng(svg: string, width: number, height: number): Promise<Blob> {
  const scale = Math.min(
    2,
    LONGEST_SIDE / Math.max(width, height),
    Math.sqrt(MOST_PIXELS / (width * height)),
  );
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This window draws no pictures.');
    context.scale(scale, scale);
    context.drawImage(image, 0, 0, width, height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('The picture is too large for a PNG.'))),
        'image/png',
      ),
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A file's bytes as Base64, as channels take them. */
export async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
