/** The fields of a collection with their paths: from validators, documents seen, and indexes. Pure. */
import type { Catalog, CatalogColumn, CatalogTable } from '../../api/types.generated';

export const collectionOf = (catalog: Catalog | null, name: string): CatalogTable | undefined =>
  catalog?.tables.find((one) => one.name === name);

export function fieldsOf(catalog: Catalog | null, name: string): CatalogColumn[] {
  const collection = collectionOf(catalog, name);
  if (!collection) return [];
  const known = new Set(collection.columns.map((one) => one.name));
  const indexed = collection.indexes
    .flatMap((one) => one.columns)
    .filter((one) => !known.has(one) && !one.startsWith('$') && !one.startsWith('_fts') && known.add(one));
  return [
    ...collection.columns,
    ...indexed.map((one) => ({
      name: one,
      type: '',
      nullable: true,
      default: null,
      primary_key: false,
      comment: null,
    })),
  ];
}

/** The fields below a path, named from there. */
export const fieldsBelow = (fields: CatalogColumn[], under: string): CatalogColumn[] =>
  under === ''
    ? fields
    : fields
        .filter((one) => one.name.startsWith(`${under}.`))
        .map((one) => ({ ...one, name: one.name.slice(under.length + 1) }));

export const findField = (
  catalog: Catalog | null,
  collection: string,
  path: string,
): CatalogColumn | undefined => fieldsOf(catalog, collection).find((one) => one.name === path);
