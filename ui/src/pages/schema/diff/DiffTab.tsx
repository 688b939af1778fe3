import type { Connection } from '../../../api/types.generated';

export default function DiffTab({ connection }: { connection: Connection }) {
  return <p>{connection.name}</p>;
}
