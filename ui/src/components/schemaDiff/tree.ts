/** The changes as rows of a tree: groups by schema and kind, the objects in them, and which of them go in. Pure. */
import type { SchemaChange } from '../../api/types.generated';

export type ChangeWord = SchemaChange['change'];

export interface GroupRow {
  type: 'group';
  id: string;
  label: string;
  members: SchemaChange[];
  isOpen: boolean;
}

export interface ObjectRow {
  type: 'object';
  id: string;
  label: string;
  change: SchemaChange;
}

export type TreeRow = GroupRow | ObjectRow;

const FIRST = [
  'schema',
  'extension',
  'type',
  'domain',
  'sequence',
  'table',
  'collection',
  'column',
  'constraint',
  'fk constraint',
  'index',
  'view',
  'materialized view',
  'function',
  'procedure',
  'aggregate',
  'trigger',
  'rule',
  'policy',
];
const rankOf = (kind: string) => {
  const at = FIRST.indexOf(kind);
  return at < 0 ? FIRST.length : at;
};

/** "fk constraint" → "Foreign keys", "table" → "Tables". */
export function kindLabel(kind: string, many = true): string {
  const known: Record<string, [string, string]> = {
    index: ['Index', 'Indexes'],
    'fk constraint': ['Foreign key', 'Foreign keys'],
    policy: ['Policy', 'Policies'],
    acl: ['Privileges', 'Privileges'],
    dictionary: ['Dictionary', 'Dictionaries'],
  };
  const words = known[kind];
  if (words) return words[many ? 1 : 0];
  const one = kind.charAt(0).toUpperCase() + kind.slice(1);
  return many ? `${one}s` : one;
}

/** An object's name as the tree shows it: with its table, without its kind. */
export const nameOf = (change: SchemaChange) => change.id.slice(change.kind.length + 1) || change.name;

export function groupsOf(changes: SchemaChange[], filter: string): Array<Omit<GroupRow, 'isOpen'>> {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const schemas = new Set(changes.map((one) => one.schema_name ?? ''));
  const found = new Map<string, Omit<GroupRow, 'isOpen'>>();
  for (const one of changes) {
    const text = `${one.id} ${one.change} ${one.old_id ?? ''}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const schema = schemas.size > 1 ? (one.schema_name ?? '') : '';
    const id = `${schema} ${one.kind}`;
    const group = found.get(id) ?? {
      type: 'group' as const,
      id,
      label: schema ? `${schema} · ${kindLabel(one.kind)}` : kindLabel(one.kind),
      members: [],
    };
    group.members.push(one);
    found.set(id, group);
  }
  return [...found.values()].sort((a, b) => {
    const [x, y] = [a.members[0], b.members[0]];
    const bySchema = (x?.schema_name ?? '').localeCompare(y?.schema_name ?? '');
    return (schemas.size > 1 && bySchema) || rankOf(x?.kind ?? '') - rankOf(y?.kind ?? '');
  });
}

export function rowsOf(changes: SchemaChange[], filter: string, closed: ReadonlySet<string>): TreeRow[] {
  return groupsOf(changes, filter).flatMap((group): TreeRow[] => {
    // What is searched for is shown, whatever was folded away.
    const isOpen = filter.trim() !== '' || !closed.has(group.id);
    const rows = group.members.map(
      (change): ObjectRow => ({ type: 'object', id: change.id, label: nameOf(change), change }),
    );
    return [{ ...group, isOpen }, ...(isOpen ? rows : [])];
  });
}

export const countsOf = (changes: SchemaChange[]): Record<ChangeWord, number> => {
  const counts = { added: 0, removed: 0, changed: 0, renamed: 0 };
  for (const one of changes) counts[one.change] += 1;
  return counts;
};

/** Of a group: all, none or some of its members go in. */
export function checkOf(members: SchemaChange[], left: ReadonlySet<string>): 'all' | 'none' | 'some' {
  const out = members.filter((one) => left.has(one.id)).length;
  if (out === 0) return 'all';
  return out === members.length ? 'none' : 'some';
}

/** Left out after a press on these: all of them, or none where all were left out. */
export function toggled(members: SchemaChange[], left: ReadonlySet<string>): Set<string> {
  const after = new Set(left);
  const goesOut = checkOf(members, left) === 'all';
  for (const one of members) {
    if (goesOut) after.add(one.id);
    else after.delete(one.id);
  }
  return after;
}

/** Ids to ask for; null for all of them. */
export const includeOf = (changes: SchemaChange[], left: ReadonlySet<string>): string[] | null =>
  left.size === 0 ? null : changes.filter((one) => !left.has(one.id)).map((one) => one.id);

/** Changes that were not chosen and come along because others need them. */
export function cameAlong(
  changes: SchemaChange[],
  left: ReadonlySet<string>,
  statements: Array<{ objects: string[] }>,
): SchemaChange[] {
  const touched = new Set(statements.flatMap((one) => one.objects));
  return changes.filter((one) => left.has(one.id) && (touched.has(one.id) || touched.has(one.old_id ?? '')));
}
