/** Markdown that anybody may have written, as React elements: marked reads it, nothing of it becomes HTML. */
import { lexer, type Token, type Tokens } from 'marked';
import { Fragment, type ReactNode, useMemo } from 'react';
import classes from './markdown.module.css';

/** Deeper quotes and lists are shown as they are written. */
const DEEPEST = 20;

export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => read(text), [text]);
  return <div className={classes.markdown}>{tokens ? blocks(tokens, 0) : <p>{text}</p>}</div>;
}

function read(text: string): Token[] | null {
  try {
    return lexer(text, { gfm: true, breaks: true });
  } catch {
    return null;
  }
}

function blocks(tokens: Token[], depth: number): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in their order.
  return tokens.map((token, at) => <Fragment key={at}>{block(token, depth)}</Fragment>);
}

function block(token: Token, depth: number): ReactNode {
  if (depth > DEEPEST) return <p>{token.raw}</p>;
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'hr':
      return <hr />;
    case 'heading':
      return <p className={classes.heading}>{inlines((token as Tokens.Heading).tokens, depth)}</p>;
    case 'paragraph':
      return <p>{inlines((token as Tokens.Paragraph).tokens, depth)}</p>;
    case 'text':
      return inline(token, depth);
    case 'code':
      return (
        <pre>
          <code>{(token as Tokens.Code).text}</code>
        </pre>
      );
    case 'blockquote':
      return <blockquote>{blocks((token as Tokens.Blockquote).tokens, depth + 1)}</blockquote>;
    case 'list':
      return list(token as Tokens.List, depth);
    default:
      // Tables, HTML and whatever comes: as they are written.
      return <p className={classes.raw}>{token.raw.trim()}</p>;
  }
}

function list(token: Tokens.List, depth: number): ReactNode {
  const items = token.items.map((item, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in their order.
    <li key={at}>
      {item.task && <span className={classes.task}>{item.checked ? '☑ ' : '☐ '}</span>}
      {blocks(item.tokens, depth + 1)}
    </li>
  ));
  return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function inlines(tokens: Token[] | undefined, depth: number): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in their order.
  return tokens?.map((token, at) => <Fragment key={at}>{inline(token, depth)}</Fragment>);
}

function inline(token: Token, depth: number): ReactNode {
  if (depth > DEEPEST) return token.raw;
  const inner = 'tokens' in token ? (token.tokens as Token[] | undefined) : undefined;
  switch (token.type) {
    case 'strong':
      return <strong>{inlines(inner, depth + 1)}</strong>;
    case 'em':
      return <em>{inlines(inner, depth + 1)}</em>;
    case 'del':
      return <del>{inlines(inner, depth + 1)}</del>;
    case 'codespan':
      return <code>{(token as Tokens.Codespan).text}</code>;
    case 'br':
      return <br />;
    case 'escape':
      return (token as Tokens.Escape).text;
    case 'link':
      return link(token as Tokens.Link, depth);
    case 'text':
      return inner ? inlines(inner, depth + 1) : (token as Tokens.Text).raw;
    default:
      return token.raw;
  }
}

/** Only what a browser opens elsewhere; an address of another kind is shown as it is written. */
function link(token: Tokens.Link, depth: number): ReactNode {
  if (!/^(https?|mailto):/i.test(token.href)) return token.raw;
  return (
    <a href={token.href} target="_blank" rel="noopener noreferrer nofollow" title={token.href}>
      {inlines(token.tokens, depth + 1)}
    </a>
  );
}
