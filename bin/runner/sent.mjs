// What a migration has sent to the server that changes something, and what became of it: told when it fails, so that a
// person can see how far it got. Only the client that it was given is heard; a client of its own is not.
import { EJSON } from "./wire.mjs";

const WRITES = new Set(
  `insert update delete findAndModify findandmodify bulkWrite create createIndexes drop dropDatabase dropIndexes collMod
   renameCollection convertToCapped commitTransaction abortTransaction`.split(/\s+/),
);
const NOISE = ["lsid", "$clusterTime", "$db", "txnNumber", "startTransaction", "autocommit", "$readPreference", "apiVersion"];
const MAX_COMMANDS = 300;
const MAX_ITEMS = 3;
const MAX_STRING = 200;

export class Sent {
  /** `tools`: collections that migrate-mongo itself writes. */
  constructor(client, tools) {
    Object.assign(this, { tools: new Set(tools), commands: [], left: 0, waiting: new Map() });
    client.on("commandStarted", (event) => this.started(event));
    client.on("commandSucceeded", ({ requestId, reply }) => this.ended(requestId, reply));
    client.on("commandFailed", ({ requestId, failure }) => this.failed(requestId, failure));
  }

  /** A new file begins: what the one before sent is in the database, and recorded. */
  clear() {
    Object.assign(this, { commands: [], left: 0 });
    this.waiting.clear();
  }

  started({ requestId, commandName: name, command, databaseName }) {
    const isWrite = WRITES.has(name) || (name === "aggregate" && writesOut(command.pipeline));
    const collection = typeof command[name] === "string" ? command[name] : null;
    if (!isWrite || this.tools.has(collection) || /User$/.test(name)) return;
    const transaction = command.autocommit === false ? `${command.lsid?.id?.toString("hex")} ${command.txnNumber}` : null;
    if (name === "commitTransaction" || name === "abortTransaction") {
      this.waiting.set(requestId, { name, key: transaction });
      return;
    }
    if (this.commands.length >= MAX_COMMANDS) {
      this.left++;
      return;
    }
    const one = { name, collection, database: databaseName, text: text(name, command), ok: null, key: transaction };
    if (transaction) one.transaction = "open";
    this.commands.push(one);
    this.waiting.set(requestId, one);
  }

  ended(requestId, reply) {
    const one = this.waiting.get(requestId);
    if (!one) return;
    this.waiting.delete(requestId);
    if (one.name === "commitTransaction" || one.name === "abortTransaction") {
      const became = one.name === "commitTransaction" ? "committed" : "aborted";
      for (const other of this.commands) if (other.key === one.key) other.transaction = became;
      return;
    }
    one.ok = reply?.ok !== 0;
    const n = reply?.lastErrorObject?.n ?? reply?.n;
    if (typeof n === "number") one.n = n;
    const [first] = reply?.writeErrors ?? [];
    if (first) Object.assign(one, { error: first.errmsg, ...(n > 0 ? { partly: true } : { ok: false }) });
  }

  failed(requestId, failure) {
    const one = this.waiting.get(requestId);
    if (!one || one.name === "commitTransaction" || one.name === "abortTransaction") return;
    this.waiting.delete(requestId);
    // Without a code it was no answer: the connection broke, and what the server did with it is not known.
    if (failure?.code !== undefined) Object.assign(one, { ok: false, error: failure.message });
    else one.error = failure?.message;
  }

  told() {
    return { commands: this.commands.map(({ key, ...one }) => one), commandsLeft: this.left };
  }
}

function writesOut(pipeline) {
  return Array.isArray(pipeline) && pipeline.some((stage) => stage && ("$out" in stage || "$merge" in stage));
}

function text(name, command) {
  const body = Object.fromEntries(Object.entries(command).filter(([key]) => !NOISE.includes(key)));
  try {
    return EJSON.stringify(shortened(body), { relaxed: true });
  } catch {
    return name;
  }
}

function shortened(value) {
  if (typeof value === "string") return value.length > MAX_STRING ? `${value.slice(0, MAX_STRING)}…` : value;
  if (Array.isArray(value)) {
    const more = value.length - MAX_ITEMS;
    return [...value.slice(0, MAX_ITEMS).map(shortened), ...(more > 0 ? [`… and ${more} more`] : [])];
  }
  if (value === null || typeof value !== "object" || value._bsontype || value instanceof Date || value instanceof RegExp) return value;
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one)]));
}
