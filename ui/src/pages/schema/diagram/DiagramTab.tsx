import type { Connection } from '../../../api/types.generated';

export default function DiagramTab({ connection }: { connection: Connection }) {
  return <p>{connection.name}</p>;
}
