// One client for the run, made with the project's own driver, closed at the end.
import { load } from "./packages.mjs";

const SELECTION_TIMEOUT_MS = 5000;

/** Connect. Returns `{ client, db }`; the URL comes on standard input and goes nowhere but to the driver. */
export async function connect(packages, input, configured = {}) {
  const { MongoClient } = await load(packages.mongodb);
  const options = {
    ...configured.mongodb?.options,
    serverSelectionTimeoutMS: SELECTION_TIMEOUT_MS,
    ...input.clientOptions,
    // What is watched must be readable.
    ...(input.rehearse ? { compressors: ["none"] } : {}),
    monitorCommands: true,
  };
  const client = new MongoClient(input.url, options);
  try {
    await client.connect();
  } catch (error) {
    await client.close().catch(() => {});
    throw error;
  }
  const db = client.db(input.databaseName);
  db.close = client.close; // As migrate-mongo hands it to migrations.
  return { client, db };
}
