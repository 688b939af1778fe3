/** Connections that share a migrations folder belong to one project. Pure. */
import type { Connection } from '../api/types.generated';

export interface Project {
  /** The shared migrations folder. */
  key: string;
  name: string;
  connections: Connection[];
}

const ORDER = ['development', 'test', 'staging', 'production'];

/** Projects by name; within one, development first and production last. */
export function groupByProject(connections: Connection[]): Project[] {
  const byFolder = new Map<string, Connection[]>();
  for (const one of connections) {
    const key = one.migrations_dir;
    byFolder.set(key, [...(byFolder.get(key) ?? []), one]);
  }
  return [...byFolder]
    .map(([key, members]) => ({
      key,
      name: projectName(members),
      connections: members.toSorted(
        (a, b) => ORDER.indexOf(a.environment) - ORDER.indexOf(b.environment) || a.name.localeCompare(b.name),
      ),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The folder that holds the migrations folder names the project; a connection alone names it itself. */
function projectName(members: Connection[]): string {
  const [first] = members;
  if (!first || members.length === 1) return first?.name ?? '';
  return first.folder.split(/[\\/]/).filter(Boolean).at(-1) ?? first.name;
}
