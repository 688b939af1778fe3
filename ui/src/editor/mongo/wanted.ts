/** What belongs at a place in a driver call, by the method, the argument and the keys around it. Pure. */
import type { Frame, JsPlace } from './place';

export type JsWanted =
  | { kind: 'collection' }
  /** A field's path as a key, below `under`, with the words that may stand beside it. */
  | { kind: 'fields'; collection: string; under: string; words: Words[] }
  | { kind: 'words'; words: Words[] }
  /** Keys of a stage: `from`, `localField`. */
  | { kind: 'stage keys'; stage: string }
  /** A string that holds a field's path, with a dollar in an expression. */
  | { kind: 'field text'; collection: string; dollar: boolean }
  | { kind: 'none' };

export type Words =
  | 'query'
  | 'logical'
  | 'update'
  | 'push'
  | 'update stages'
  | 'stages'
  | 'accumulators'
  | 'expressions'
  | 'index options'
  | 'collection options'
  | 'schema'
  | 'bson types';

const FILTERED = new Set(
  `find findOne updateOne updateMany deleteOne deleteMany countDocuments replaceOne findOneAndUpdate
  findOneAndDelete findOneAndReplace`.split(/\s+/),
);
const UPDATES = new Set(['updateOne', 'updateMany', 'findOneAndUpdate']);
const WORDS = (...words: Words[]): JsWanted => ({ kind: 'words', words });
const NONE: JsWanted = { kind: 'none' };

export interface Path {
  method: string;
  collection: string;
  /** Which argument of the call. */
  argument: number;
  /** Keys from the argument down; a list counts as '[]'. */
  keys: string[];
  /** A key is being written, and no value. */
  isKey: boolean;
  frames: Frame[];
}

/** The innermost driver call around a place, and the way from its argument down to it. */
export function pathOf({ frames }: JsPlace): Path | null {
  const at = frames.findLastIndex((one) => one.kind === 'call');
  const call = frames[at];
  if (!call) return null;
  const below = frames.slice(at + 1);
  if (below.some((one) => one.kind === 'block' || one.kind === 'group')) return null;
  const keys: string[] = [];
  for (const one of below) {
    if (one.kind === 'array') keys.push('[]');
    else if (one.key !== null) keys.push(one.key);
    else if (one !== below.at(-1)) return null;
  }
  const last = below.at(-1);
  return {
    method: call.method,
    collection: call.collection ?? '',
    argument: call.index,
    keys,
    isKey: last?.kind === 'object' && last.key === null,
    frames: below,
  };
}

export function wantedAt(place: JsPlace): JsWanted {
  const path = pathOf(place);
  if (!path) return NONE;
  const { method, argument, keys, collection } = path;
  const isText = place.string !== null;
  if (keys.length === 0 && !path.isKey && isText && path.frames.length === 0) {
    if (/^(?:collection|getCollection|dropCollection)$/.test(method) && argument === 0)
      return { kind: 'collection' };
    if (method === 'renameCollection' && argument === 0) return { kind: 'collection' };
    if (method === 'distinct' && argument === 0) return { kind: 'field text', collection, dollar: false };
    return NONE;
  }
  if (method === 'command') return inCommand(path);
  if (method === 'createCollection' && argument === 1) return inOptions(path, keys);
  if (method === 'bulkWrite' && argument === 0) return inBulk(path, isText);
  if (method === 'aggregate' && argument === 0) return inPipeline(path, keys, collection, isText, 'stages');
  if (UPDATES.has(method) && argument === 1) return inUpdate(path, keys, isText);
  if (FILTERED.has(method) && argument === 0) return inFilter(path, keys);
  if (method === 'distinct' && argument === 1) return inFilter(path, keys);
  if (/^(?:createIndex|sort|project|projection|hint)$/.test(method) && argument === 0)
    return path.isKey && keys.length === 0 ? fields(path, '') : NONE;
  if (method === 'createIndexes' && argument === 0) return inIndexes(path, keys);
  if (method === 'createIndex' && argument === 1) {
    if (keys[0] === 'partialFilterExpression') return inFilter(path, keys.slice(1));
    return path.isKey && keys.length === 0 ? WORDS('index options') : NONE;
  }
  if (
    /^(?:find|findOne|findOneAndUpdate|findOneAndDelete)$/.test(method) &&
    /^(?:projection|sort)$/.test(keys[0] ?? '')
  )
    return path.isKey && keys.length === 1 ? fields(path, '') : NONE;
  if (/^insert(?:One|Many)$/.test(method) || (method === 'replaceOne' && argument === 1)) {
    const own = keys[0] === '[]' ? keys.slice(1) : keys;
    return path.isKey && argument < 2 ? fields(path, own.filter((one) => one !== '[]').join('.')) : NONE;
  }
  return NONE;
}

const fields = ({ collection }: Path, under: string, ...words: Words[]): JsWanted => ({
  kind: 'fields',
  collection,
  under,
  words,
});

/** In a filter: fields and what stands beside them, below a field what it is compared with. */
function inFilter(path: Path, keys: string[]): JsWanted {
  if (!path.isKey) return NONE;
  let under = '';
  let isField = false;
  for (const key of keys) {
    if (key === '[]') continue;
    if (/^\$(?:and|or|nor)$/.test(key)) isField = false;
    else if (key === '$elemMatch') isField = false;
    else if (key === '$not') isField = true;
    else if (key === '$jsonSchema') return WORDS('schema');
    else if (key === '$expr') return WORDS('expressions');
    else if (!key.startsWith('$')) {
      under = under ? `${under}.${key}` : key;
      isField = true;
    }
  }
  if (!isField) return fields(path, under, ...(under ? (['query'] as const) : (['logical'] as const)));
  return fields(path, under, 'query');
}

function inUpdate(path: Path, keys: string[], isText: boolean): JsWanted {
  if (keys[0] === '[]') return inPipeline(path, keys, path.collection, isText, 'update stages');
  const [operator, ...rest] = keys;
  if (operator === undefined) return path.isKey ? WORDS('update') : NONE;
  if (!operator.startsWith('$')) return NONE;
  if (!path.isKey) return NONE;
  if (rest.length === 0) return fields(path, '');
  if (/^\$(?:push|addToSet)$/.test(operator)) return rest.length === 1 ? WORDS('push') : NONE;
  if (operator === '$pull') return fields(path, rest.join('.'), 'query');
  if (operator === '$set' || operator === '$setOnInsert')
    return fields(path, rest.filter((one) => one !== '[]').join('.'));
  return NONE;
}

function inPipeline(path: Path, keys: string[], collection: string, isText: boolean, words: Words): JsWanted {
  const [list, stage, ...rest] = keys;
  if (list !== '[]') return NONE;
  if (stage === undefined) return path.isKey ? WORDS(words) : NONE;
  const own = { ...path, collection };
  if (stage === '$match') return inFilter(own, rest);
  if (stage === '$lookup' || stage === '$graphLookup' || stage === '$unionWith') {
    const [key, ...inner] = rest;
    const from = stringOf(path, stage === '$unionWith' ? 'coll' : 'from');
    if (key === undefined) {
      if (path.isKey) return { kind: 'stage keys', stage };
      return stage === '$unionWith' && isText ? { kind: 'collection' } : NONE;
    }
    if (key === 'pipeline') return inPipeline(path, inner, from, isText, 'stages');
    if (!isText) return NONE;
    if (key === 'from' || key === 'coll') return { kind: 'collection' };
    if (key === 'localField' || key === 'connectToField')
      return { kind: 'field text', collection, dollar: false };
    return key === 'foreignField' || key === 'connectFromField'
      ? { kind: 'field text', collection: from, dollar: false }
      : NONE;
  }
  if (/^\$(?:out|merge)$/.test(stage) && isText && (rest.length === 0 || rest[0] === 'into'))
    return { kind: 'collection' };
  if (stage === '$facet' && rest.length > 1)
    return inPipeline(path, rest.slice(1), collection, isText, 'stages');
  if (stage === '$unset') {
    return isText && !path.isKey ? { kind: 'field text', collection, dollar: false } : NONE;
  }
  if (isText && !path.isKey) return { kind: 'field text', collection, dollar: true };
  if (!path.isKey) return NONE;
  if (stage === '$sort') return fields(own, '');
  if (stage === '$group')
    return rest.length === 1
      ? WORDS('accumulators', 'expressions')
      : rest.length > 1
        ? WORDS('expressions')
        : NONE;
  if (/^\$(?:project|set|addFields)$/.test(stage)) {
    if (rest.length === 0) return fields(own, '');
    if (rest.some((one) => one.startsWith('$'))) return WORDS('expressions');
    return fields(own, rest.filter((one) => one !== '[]').join('.'), 'expressions');
  }
  if (rest.length === 0) return { kind: 'stage keys', stage };
  return WORDS('expressions');
}

/** A key's text among those of the stage around: `from: "orders"`. */
function stringOf({ frames }: Path, key: string): string {
  for (const one of frames) {
    const value = one.keys.get(key)?.[0];
    if (value?.kind === 'string') return value.text;
  }
  return '';
}

function inOptions(path: Path, keys: string[]): JsWanted {
  const at = keys.indexOf('$jsonSchema');
  if (at >= 0) {
    const inside = keys.slice(at + 1);
    const last = inside.at(-1) === '[]' ? inside.at(-2) : inside.at(-1);
    if (!path.isKey) return last === 'bsonType' || last === 'type' ? WORDS('bson types') : NONE;
    return last === 'properties' ? NONE : WORDS('schema');
  }
  if (!path.isKey) return NONE;
  if (keys.length === 0) return WORDS('collection options');
  return keys[0] === 'validator' ? WORDS('logical') : NONE;
}

/** `db.command({ collMod: "orders", validator: … })` */
function inCommand(path: Path): JsWanted {
  const [verb] = path.keys;
  if (verb === 'validator') return inOptions(path, path.keys);
  return !path.isKey &&
    /^(?:collMod|create|drop|listIndexes|createIndexes|dropIndexes|compact|validate)$/.test(verb ?? '')
    ? { kind: 'collection' }
    : NONE;
}

/** `bulkWrite([{ updateOne: { filter: …, update: … } }])` */
function inBulk(path: Path, isText: boolean): JsWanted {
  const [list, write, part, ...rest] = path.keys;
  if (list !== '[]' || write === undefined || part === undefined) return NONE;
  if (part === 'filter') return inFilter(path, rest);
  if (part === 'update') return inUpdate(path, rest, isText);
  return part === 'document' && path.isKey ? fields(path, rest.join('.')) : NONE;
}

function inIndexes(path: Path, keys: string[]): JsWanted {
  const [list, key, ...rest] = keys;
  if (list !== '[]') return NONE;
  if (key === undefined) return path.isKey ? WORDS('index options') : NONE;
  if (key === 'key') return path.isKey && rest.length === 0 ? fields(path, '') : NONE;
  return key === 'partialFilterExpression' ? inFilter(path, rest) : NONE;
}
