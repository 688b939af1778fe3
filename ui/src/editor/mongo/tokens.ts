/** JavaScript as tokens, as far as completion and hover need it. Reads anything; an open quote runs to its line's end. Pure. */

export interface JsToken {
  kind: 'word' | 'string' | 'number' | 'sign' | 'comment' | 'regex';
  /** Of a string, what stands between its quotes. */
  text: string;
  start: number;
  end: number;
  /** A string or comment that the text (or the line) ends in. */
  open?: boolean;
}

const SPACE = /\s+/y;
const WORD = /[\p{L}_$#][\p{L}\p{N}_$]*/uy;
const NUMBER = /\d[\w.]*/y;
const SIGN = /=>|\?\.|\.\.\.|[=!]==?|&&|\|\||\?\?|[^\s]/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;

export function tokenizeJs(text: string): JsToken[] {
  const found: JsToken[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const add = (kind: JsToken['kind'], end: number, more: Partial<JsToken> = {}) => {
    found.push({ kind, text: text.slice(at, end), start: at, end, ...more });
    at = end;
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space) at += space.length;
    if (at >= text.length) break;
    const character = text[at] ?? '';
    const two = text.slice(at, at + 2);
    if (two === '//') {
      const end = text.indexOf('\n', at);
      add('comment', end < 0 ? text.length : end, end < 0 ? { open: true } : {});
    } else if (two === '/*') {
      const end = text.indexOf('*/', at + 2);
      add('comment', end < 0 ? text.length : end + 2, end < 0 ? { open: true } : {});
    } else if (character === '"' || character === "'" || character === '`') {
      let end = at + 1;
      while (end < text.length && text[end] !== character && (character === '`' || text[end] !== '\n'))
        end += text[end] === '\\' ? 2 : 1;
      end = Math.min(end, text.length);
      const isOpen = text[end] !== character;
      add('string', isOpen ? end : end + 1, {
        text: text.slice(at + 1, end),
        ...(isOpen ? { open: true } : {}),
      });
    } else if (character === '/' && beginsValue(found.at(-1)) && take(REGEX)) {
      add('regex', at + (take(REGEX)?.length ?? 1));
    } else {
      const word = take(WORD);
      const number = word ? null : take(NUMBER);
      if (word) add('word', at + word.length);
      else if (number) add('number', at + number.length);
      else add('sign', at + (take(SIGN)?.length ?? 1));
    }
  }
  return found;
}

const beginsValue = (before: JsToken | undefined) =>
  before === undefined ||
  (before.kind === 'sign' && !/^[)\]}]$/.test(before.text)) ||
  (before.kind === 'word' && /^(?:return|typeof|in|of|case|await)$/.test(before.text));
