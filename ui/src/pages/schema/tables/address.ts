/** Where a table is shown in full. */
export const tableAddress = (connection: string, table: string) =>
  `/c/${encodeURIComponent(connection)}/schema?tab=tables&table=${encodeURIComponent(table)}`;

/** The diagram of a table's surroundings. */
export const diagramAddress = (connection: string, table: string) => {
  const id = encodeURIComponent(table);
  return `/c/${encodeURIComponent(connection)}/schema?tab=diagram&show=${id}&depth=1&table=${id}`;
};
