/** The migration that created a table, and the newest that changed it. Asked of the files, so it may know nothing. */
import { Link } from 'react-router';
import { useChannel } from '../../../api/queries';
import type { Connection, DefinitionPlace, DetailTable } from '../../../api/types.generated';
import { paths } from '../../../lib/paths';
import classes from './tables.module.css';

export function Made({ connection, table }: { connection: Connection; table: DetailTable }) {
  const { data } = useChannel('migration:definition', {
    connection: connection.id,
    name: table.name,
    schema_name: table.schema_name,
  });
  const places = data?.places ?? [];
  const created = places.find((one) => one.kind === 'created' || one.kind === 'renamed');
  const changed = places.find((one) => one !== created && one.version !== created?.version);
  if (!created && !changed) return null;
  const link = (place: DefinitionPlace) => (
    <Link to={`${paths.editor(connection.id, place.filename)}?line=${place.line}&column=${place.column}`}>
      {place.name}
    </Link>
  );
  return (
    <p className={classes.made}>
      {created && <>Created by {link(created)}</>}
      {created && changed && ', '}
      {changed && (
        <>
          {created ? 'changed last by ' : 'Changed by '}
          {link(changed)}
        </>
      )}
    </p>
  );
}
