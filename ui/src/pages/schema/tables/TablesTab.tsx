import type { Connection } from '../../../api/types.generated';

export default function TablesTab({ connection }: { connection: Connection }) {
  return <p>{connection.name}</p>;
}
