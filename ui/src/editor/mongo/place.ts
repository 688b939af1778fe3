/** Where a place stands in the calls of the MongoDB driver: whose collection, which argument, under which keys. Pure. */
import { type JsToken, tokenizeJs } from './tokens';

export interface Frame {
  kind: 'call' | 'object' | 'array' | 'group' | 'block';
  /** Of a call: the method, and the collection that its chain begins with. */
  method: string;
  collection: string | null;
  /** Of a call: which argument; of an array: which element. */
  index: number;
  /** Of an object: the key whose value is being written, null while a key is. */
  key: string | null;
  /** Keys that stand in it already. */
  keys: Map<string, JsToken[]>;
  start: number;
}

export interface JsPlace {
  /** A comment: nothing is wanted. */
  isComment: boolean;
  /** The string that the place is in. */
  string: JsToken | null;
  /** The word that is being written. */
  word: JsToken | null;
  before: JsToken[];
  frames: Frame[];
}

/** What stands around an offset; `at` is the end of what is being written there. */
export function placeAt(text: string, offset: number): JsPlace {
  const tokens = tokenizeJs(text);
  const isIn = (one: JsToken) =>
    one.start < offset && (offset < one.end || (one.open === true && offset <= one.end));
  const inside = tokens.find(isIn);
  const string = inside?.kind === 'string' ? inside : null;
  const upTo = tokens.filter((one) => one.start < offset && one.kind !== 'comment');
  const last = upTo.at(-1);
  const word = last?.kind === 'word' && last.end >= offset ? last : null;
  const before = string || word ? upTo.slice(0, -1) : upTo;
  return {
    isComment: inside?.kind === 'comment' || inside?.kind === 'regex',
    string,
    word,
    before,
    frames: framesOf(before),
  };
}

/** The brackets that are open at the end of the tokens, the outermost first. */
export function framesOf(tokens: JsToken[]): Frame[] {
  const frames: Frame[] = [];
  const names = collectionsByName(tokens);
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (!token) continue;
    const top = frames.at(-1);
    if (top?.kind === 'object' && token.kind !== 'sign' && top.key !== null)
      top.keys.get(top.key)?.push(token);
    if (token.kind !== 'sign') continue;
    if (token.text === '(') frames.push(callAt(tokens, at, names));
    else if (token.text === '[') frames.push(frame(beginsLiteral(tokens[at - 1]) ? 'array' : 'group', token));
    else if (token.text === '{')
      frames.push(frame(beginsLiteral(tokens[at - 1]) ? 'object' : 'block', token));
    else if (/^[)\]}]$/.test(token.text)) frames.pop();
    else if (token.text === ',' && top) {
      top.index += 1;
      if (top.kind === 'object') top.key = null;
    } else if (token.text === ':' && top?.kind === 'object' && top.key === null) {
      const key = tokens[at - 1];
      if (key && (key.kind === 'word' || key.kind === 'string')) {
        top.key = key.text;
        top.keys.set(key.text, []);
      }
    }
  }
  return frames;
}

const frame = (kind: Frame['kind'], { start }: JsToken): Frame => ({
  kind,
  method: '',
  collection: null,
  index: 0,
  key: null,
  keys: new Map(),
  start,
});

const beginsLiteral = (before: JsToken | undefined) =>
  before === undefined
    ? false
    : before.kind === 'sign'
      ? /^(?:[(,[:?=]|\?\?|&&|\|\||\.\.\.)$/.test(before.text)
      : before.kind === 'word' && before.text === 'return';

function callAt(tokens: JsToken[], open: number, names: Map<string, string>): Frame {
  const made = frame('group', tokens[open] as JsToken);
  const name = tokens[open - 1];
  if (name?.kind !== 'word' || /^(?:if|for|while|switch|catch|function|async|return|await)$/.test(name.text))
    return made;
  const isMethod = /^\??\.$/.test(tokens[open - 2]?.text ?? '');
  const collection = isMethod ? collectionBefore(tokens, open - 2, names) : null;
  return { ...made, kind: 'call', method: name.text, collection };
}

/** The collection of the chain that ends before a dot: `db.collection("users").find({})`, `users`. */
export function collectionBefore(tokens: JsToken[], dot: number, names: Map<string, string>): string | null {
  let at = dot - 1;
  for (let steps = 0; steps < 40 && at >= 0; steps += 1) {
    const token = tokens[at];
    if (token?.kind === 'word') return names.get(token.text) ?? null;
    if (token?.text !== ')') return null;
    const open = opening(tokens, at);
    const method = tokens[open - 1];
    const given = tokens[open + 1];
    if (method?.kind !== 'word') return null;
    if (/^(?:collection|getCollection|createCollection)$/.test(method.text)) {
      if (given?.kind === 'string') return given.text;
      return given?.kind === 'word' ? (names.get(given.text) ?? null) : null;
    }
    if (!/^\??\.$/.test(tokens[open - 2]?.text ?? '')) return null;
    at = open - 3;
  }
  return null;
}

function opening(tokens: JsToken[], close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at -= 1) {
    const { kind, text } = tokens[at] ?? { kind: 'word', text: '' };
    if (kind !== 'sign') continue;
    if (/^[)\]}]$/.test(text)) depth += 1;
    else if (/^[([{]$/.test(text)) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return 0;
}

/** `const users = db.collection("users")` and `const NAME = "users"`: name → collection. */
export function collectionsByName(tokens: JsToken[]): Map<string, string> {
  const found = new Map<string, string>();
  tokens.forEach((token, at) => {
    if (token.text !== '=' || token.kind !== 'sign' || tokens[at - 1]?.kind !== 'word') return;
    const name = tokens[at - 1]?.text ?? '';
    let next = at + 1;
    if (tokens[next]?.text === 'await') next += 1;
    const first = tokens[next];
    if (first?.kind === 'string') found.set(name, first.text);
    for (let step = next; step < next + 8; step += 1) {
      const word = tokens[step];
      if (word?.kind === 'word' && /^(?:collection|createCollection)$/.test(word.text)) {
        const given = tokens[step + 2];
        const collection = given?.kind === 'string' ? given.text : found.get(given?.text ?? '');
        if (tokens[step + 1]?.text === '(' && collection) found.set(name, collection);
        break;
      }
      if (word?.text === ';' || word?.text === '=') break;
    }
  });
  return found;
}
