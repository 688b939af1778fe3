/** The Markdown of our own rule pages: headings, paragraphs, lists, quotes, fenced and inline code. Anything else is text. */
import { Fragment, type ReactNode } from 'react';
import classes from './Prose.module.css';

type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'paragraph'; text: string };

/** The blocks of a text. Never throws: what is not understood is a paragraph. */
export function readBlocks(markdown: string): Block[] {
  const lines = markdown.split(/\r?\n/);
  const blocks: Block[] = [];
  let at = 0;
  const take = (belongs: (line: string) => boolean): string[] => {
    const taken: string[] = [];
    while (at < lines.length && belongs(lines[at] ?? '')) taken.push(lines[at++] ?? '');
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const fence = /^(`{3,}|~{3,})/.exec(line)?.[1];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.trim() === '') at += 1;
    else if (fence) {
      at += 1;
      const text = take((one) => !one.startsWith(fence)).join('\n');
      at += 1;
      blocks.push({ kind: 'code', text });
    } else if (heading) {
      at += 1;
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, text: heading[2] ?? '' });
    } else if (line.startsWith('>')) {
      const text = take((one) => one.startsWith('>')).map((one) => one.replace(/^>\s?/, ''));
      blocks.push({ kind: 'quote', text: text.join(' ') });
    } else if (/^[-*] /.test(line)) {
      blocks.push({ kind: 'list', items: take((one) => /^[-*] /.test(one)).map((one) => one.slice(2)) });
    } else {
      const text = take((one) => one.trim() !== '' && !/^(#{1,6}\s|>|[-*] |`{3,}|~{3,})/.test(one));
      if (text.length === 0) text.push(lines[at++] ?? '');
      blocks.push({ kind: 'paragraph', text: text.join(' ') });
    }
  }
  return blocks;
}

/** Inline code; everything else as it is written. */
export function withCode(text: string): ReactNode {
  return text.split(/(`[^`]+`)/g).map((part, at) =>
    part.startsWith('`') && part.endsWith('`') && part.length > 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in their order.
      <code key={at}>{part.slice(1, -1)}</code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in their order.
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}

export function Prose({ blocks }: { blocks: Block[] }) {
  return (
    <div className={classes.prose}>
      {blocks.map((block, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of one text, in their order.
        <Piece key={at} block={block} />
      ))}
    </div>
  );
}

function Piece({ block }: { block: Block }) {
  switch (block.kind) {
    case 'heading':
      return block.level > 2 ? <h3>{withCode(block.text)}</h3> : <h2>{withCode(block.text)}</h2>;
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'quote':
      return <blockquote>{withCode(block.text)}</blockquote>;
    case 'list':
      return (
        <ul>
          {block.items.map((item) => (
            <li key={item}>{withCode(item)}</li>
          ))}
        </ul>
      );
    default:
      return <p>{withCode(block.text)}</p>;
  }
}
