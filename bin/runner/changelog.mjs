// Writes and removes changelog entries as migrate-mongo does, without running anything.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** sha256 of a file's bytes, as `useFileHash` keeps it; null where the file is missing. */
function fileHash(file) {
  return existsSync(file) ? createHash("sha256").update(readFileSync(file)).digest("hex") : null;
}

/** Record the files as applied, all in one block; those recorded already stay as they are. Returns the names written. */
export async function record(db, files, { changelogCollectionName, useFileHash }) {
  const changelog = db.collection(changelogCollectionName);
  const migrationBlock = Date.now();
  const written = [];
  for (const file of files) {
    const fileName = path.basename(file);
    const hash = useFileHash ? fileHash(file) : null;
    const known = await changelog.findOne(hash ? { fileName, fileHash: hash } : { fileName });
    if (known) continue;
    const appliedAt = new Date();
    await changelog.insertOne({ fileName, ...(hash ? { fileHash: hash } : {}), appliedAt, migrationBlock });
    written.push(fileName);
  }
  return written;
}

/** Take the files out; every entry of a name, since with `useFileHash` one file may have several. */
export async function forget(db, files, { changelogCollectionName }) {
  const removed = [];
  for (const file of files) {
    const fileName = path.basename(file);
    const { deletedCount } = await db.collection(changelogCollectionName).deleteMany({ fileName });
    if (deletedCount > 0) removed.push(fileName);
  }
  return removed;
}
