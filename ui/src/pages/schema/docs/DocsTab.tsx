import type { Connection } from '../../../api/types.generated';

export default function DocsTab({ connection }: { connection: Connection }) {
  return <p>{connection.name}</p>;
}
