/** What a table's id says to people. An id is `schema.name` or `name`, with dots and backslashes of names escaped. Pure. */

export function partsOf(id: string): { schema: string | null; name: string } {
  const dot = /^(?:[^\\.]|\\.)*\./s.exec(id)?.[0].length ?? 0;
  const plain = (text: string) => text.replace(/\\(.)/gs, '$1');
  return dot
    ? { schema: plain(id.slice(0, dot - 1)), name: plain(id.slice(dot)) }
    : { schema: null, name: plain(id) };
}

/** The schema's name says nothing where it is the default one. */
export function nameOf(id: string, defaultSchema: string | null | undefined): string {
  const { schema, name } = partsOf(id);
  return schema === null || schema === defaultSchema ? name : `${schema}.${name}`;
}

export const wordOf = (kind: string) => kind.replaceAll('_', ' ');

/** Where what is typed stands in a name: all words, in any order; those that begin with it first. */
export function matching<T>(items: T[], typed: string, name: (item: T) => string): T[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  const first = words[0] as string;
  const rank = (text: string) => (text === first ? 0 : text.startsWith(first) ? 1 : 2);
  return items
    .map((item) => ({ item, text: name(item).toLowerCase() }))
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .sort((a, b) => rank(a.text) - rank(b.text))
    .map(({ item }) => item);
}
