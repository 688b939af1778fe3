/** What completion offers in a migrate-mongo file: collections, fields, and the operators that belong at the place. Pure. */
import type { Catalog, CatalogColumn } from '../../api/types.generated';
import { COLLECTION_METHODS, DATABASE_METHODS } from '../keywords';
import { snippetsOf } from '../snippets';
import type { Kind, Offer, Place, Suggestion } from '../suggestion';
import { fieldsBelow, fieldsOf } from './fields';
import * as operators from './operators';
import { collectionBefore, collectionsByName, type JsPlace, placeAt } from './place';
import { type JsWanted, type Words, wantedAt } from './wanted';

const NOTHING: Offer = { suggestions: [], replaceBefore: 0, replaceAfter: 0 };

export function completeJavaScript({ text, offset, catalog }: Place): Offer {
  const place = placeAt(text, offset);
  if (place.isComment) return NOTHING;
  const wanted = wantedAt(place);
  if (place.string) {
    const length = Math.max(0, offset - place.string.start - 1);
    const suggestions = suggestionsOf(wanted, catalog, true).filter((one) => one.kind !== 'snippet');
    // `"address.|city"`: the whole of what is typed so far is replaced, the dots too.
    return { suggestions, replaceBefore: length, replaceAfter: 0 };
  }
  const length = place.word ? offset - place.word.start : 0;
  return { suggestions: inCode(place, wanted, catalog), replaceBefore: length, replaceAfter: 0 };
}

function inCode(place: JsPlace, wanted: JsWanted, catalog: Catalog | null): Suggestion[] {
  const { before } = place;
  const last = before.at(-1);
  if (last?.kind === 'sign' && /^\??\.$/.test(last.text)) return methodsAfter(place);
  // Strings alone hold names of collections; a key is wanted as it stands.
  if (wanted.kind === 'fields' || wanted.kind === 'words' || wanted.kind === 'stage keys')
    return suggestionsOf(wanted, catalog, false);
  if (place.frames.at(-1)?.kind === 'object' && place.frames.at(-1)?.key === null) return [];
  const isStart = last === undefined || /^[;{}]$/.test(last.text) || last.text === 'await';
  return [
    ...(isStart ? snippets() : []),
    ...['await', 'async', 'const', 'for', 'if', 'return', 'db', 'client'].map(plain('keyword', 4)),
    ...[...collectionsByName(before).keys()].map(plain('table', 3)),
  ];
}

function methodsAfter({ before }: JsPlace): Suggestion[] {
  const names = collectionsByName(before);
  const owner = before.at(-2);
  if (owner?.kind === 'word' && (owner.text === 'db' || owner.text === 'database'))
    return DATABASE_METHODS.map(plain('method', 1));
  const isCursor =
    owner?.text === ')' && /^(?:find|aggregate|sort|limit|skip|project)$/.test(methodOf(before));
  if (isCursor) return CURSOR_METHODS.map(plain('method', 1));
  if (collectionBefore(before, before.length - 1, names) !== null || methodOf(before) === 'collection')
    return COLLECTION_METHODS.map(plain('method', 1));
  return [];
}

const CURSOR_METHODS = [
  'toArray',
  'next',
  'hasNext',
  'forEach',
  'sort',
  'limit',
  'skip',
  'project',
  'batchSize',
  'close',
];

/** The method whose parentheses close at the end: `db.collection("x")` → collection. */
function methodOf(before: JsPlace['before']): string {
  let depth = 0;
  for (let at = before.length - 2; at >= 0; at -= 1) {
    const text = before[at]?.kind === 'sign' ? before[at]?.text : '';
    if (text === ')') depth += 1;
    else if (text === '(') {
      depth -= 1;
      if (depth === 0) return before[at - 1]?.text ?? '';
    } else if (depth === 0) return '';
  }
  return '';
}

const LISTS: Record<Words, string[]> = {
  query: operators.QUERY,
  logical: operators.LOGICAL,
  update: operators.UPDATE,
  push: operators.PUSH,
  'update stages': operators.UPDATE_STAGES,
  stages: operators.STAGES,
  accumulators: operators.ACCUMULATORS,
  expressions: operators.EXPRESSIONS,
  'index options': operators.INDEX_OPTIONS,
  'collection options': operators.COLLECTION_OPTIONS,
  schema: operators.SCHEMA,
  'bson types': operators.BSON_TYPES,
};

function suggestionsOf(wanted: JsWanted, catalog: Catalog | null, inString: boolean): Suggestion[] {
  switch (wanted.kind) {
    case 'collection':
      return (catalog?.tables ?? []).map((one) => ({
        label: one.name,
        insert: escaped(one.name),
        kind: 'table',
        detail: one.kind,
        rank: 1,
      }));
    case 'fields': {
      const found = fieldsBelow(fieldsOf(catalog, wanted.collection), wanted.under);
      const own = found.map((one) =>
        field(one, wanted.collection, inString ? escaped(one.name) : keyOf(one.name)),
      );
      const words = wanted.words.flatMap((one) => LISTS[one]).map(plain('keyword', 2));
      // Below a field its operators are likelier than what it holds.
      return wanted.under
        ? [...words.map((one) => ({ ...one, rank: 1 })), ...own.map((one) => ({ ...one, rank: 2 }))]
        : [...own, ...words];
    }
    case 'words':
      return [...new Set(wanted.words.flatMap((one) => LISTS[one]))].map(plain('keyword', 1));
    case 'stage keys':
      return (operators.STAGE_KEYS[wanted.stage] ?? []).map(plain('keyword', 1));
    case 'field text': {
      if (!inString) return [];
      const sign = wanted.dollar ? '$' : '';
      return fieldsOf(catalog, wanted.collection).map((one) => ({
        ...field(one, wanted.collection, sign + escaped(one.name)),
        label: sign + one.name,
      }));
    }
    default:
      return [];
  }
}

const field = (one: CatalogColumn, collection: string, insert: string): Suggestion => ({
  label: one.name,
  insert,
  kind: 'column',
  detail: [one.type, collection].filter(Boolean).join(' · '),
  rank: 1,
});

/** A key needs quotes where it is no plain word: `"address.city"`. */
const keyOf = (name: string) => (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : JSON.stringify(name));

const escaped = (name: string) => name.replace(/["'`\\]/g, (one) => `\\${one}`);

const snippets = (): Suggestion[] =>
  snippetsOf('mongodb').map((one) => ({
    label: one.name,
    insert: one.up,
    kind: 'snippet',
    detail: one.about,
    rank: 5,
  }));

const plain =
  (kind: Kind, rank: number) =>
  (label: string): Suggestion => ({ label, insert: label, kind, rank });
