// Stands at every socket of the process while a migration is rehearsed: tells each command that leaves it and what was
// answered, and keeps back those that would touch anything but the scratch. On the wire, because there nothing gets past:
// neither a client that the migration makes itself, nor another version of the driver.
import net from "node:net";
import tls from "node:tls";
import { refusal } from "./border.mjs";
import { say } from "./events.mjs";
import { EJSON, MORE_TO_COME, Messages, answer, read } from "./wire.mjs";

const HIDDEN = new Set(
  `hello isMaster ismaster ping buildInfo buildinfo saslStart saslContinue authenticate logout endSessions
   refreshSessions killCursors`.split(/\s+/),
);
const NOISE = ["lsid", "$clusterTime", "$db", "txnNumber", "startTransaction", "autocommit", "$readPreference", "apiVersion"];
const COUNTS = ["n", "nModified", "nInserted", "nMatched", "nUpserted", "nDeleted", "nErrors", "numIndexesBefore", "numIndexesAfter"];
const MAX_ITEMS = 5;
const MAX_STRING = 300;
const MAX_FILTERS = 5;
const MAX_FILTER = 50_000;
const UNAUTHORIZED = 13;
const TIMERS_WITHIN_MS = 2000;

const parts = Symbol("rehearsal");

export class Watch {
  /** `own`: the scratch's name; `tools`: collections that migrate-mongo itself writes. */
  constructor({ own, tools }) {
    Object.assign(this, { own, tools: new Set(tools), phase: "before", sent: 0, waiting: new Map(), timers: new Set() });
    this.takeHold();
  }

  /** While the migration's function runs; what is sent afterwards was not awaited. */
  begin() {
    this.phase = "running";
  }

  /** The function has returned. Names what was still under way; waits for timers that it left. */
  async returned() {
    this.phase = "after";
    for (const one of this.waiting.values()) say("late", { id: one.id });
    if (this.timers.size > 0) {
      say("warning", { code: "timer_left", message: "The function returned while a timer (setTimeout) was still to fire." });
      const ends = Date.now() + TIMERS_WITHIN_MS;
      while (this.timers.size > 0 && Date.now() < ends) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  // -- taking hold --------------------------------------------------------------------------------------------------

  takeHold() {
    const watch = this;
    const { connect, _writeGeneric: write, push } = net.Socket.prototype;
    net.Socket.prototype.connect = function (...given) {
      this[parts] ??= { out: new Messages(), back: new Messages(), ids: new Map() };
      return connect.apply(this, given);
    };
    net.Socket.prototype._writeGeneric = function (many, data, encoding, done) {
      if (this instanceof tls.TLSSocket) this[parts] ??= { out: new Messages(), back: new Messages(), ids: new Map() };
      // While it connects, Node keeps the data and comes here again.
      if (!this[parts] || this.connecting) return write.call(this, many, data, encoding, done);
      const passed = watch.leaving(this, many ? Buffer.concat(data.map(asBuffer)) : asBuffer({ chunk: data, encoding }));
      if (passed instanceof Error) return done(passed);
      return passed.length > 0 ? write.call(this, false, passed, "buffer", done) : done();
    };
    net.Socket.prototype.push = function (chunk, encoding) {
      if (this[parts] && Buffer.isBuffer(chunk)) watch.arriving(this, chunk);
      return push.call(this, chunk, encoding);
    };
    const { setTimeout: start, clearTimeout: stop } = globalThis;
    globalThis.setTimeout = Object.assign((call, ms, ...given) => {
      const timer = start((...all) => { watch.timers.delete(timer); call(...all); }, ms, ...given);
      if (watch.phase === "running") watch.timers.add(timer);
      return timer;
    }, start);
    globalThis.clearTimeout = (timer) => {
      watch.timers.delete(timer);
      stop(timer);
    };
  }

  /** What of a chunk may be sent: whole messages only. An Error where the socket is for something else than MongoDB. */
  leaving(socket, chunk) {
    const messages = socket[parts].out.take(chunk);
    if (messages === null) return this.foreign(socket);
    const passed = [];
    for (const message of messages) {
      const told = read(message);
      if (told.document === null) return this.foreign(socket, "compressed commands, which cannot be looked at");
      const reason = refusal(told.document, this.own);
      if (reason === null) passed.push(message);
      const one = this.note(told, reason);
      if (reason !== null) this.answerInstead(socket, told, reason);
      else if (one && !(told.flags & MORE_TO_COME)) socket[parts].ids.set(told.id, one);
    }
    return Buffer.concat(passed);
  }

  answerInstead(socket, told, reason) {
    if (told.flags & MORE_TO_COME) return;
    const document = { ok: 0, code: UNAUTHORIZED, codeName: "Unauthorized", errmsg: `Not sent: ${reason}` };
    setImmediate(() => socket.push(answer(told.id, document)));
  }

  foreign(socket, what = "another protocol than MongoDB's") {
    const { remoteAddress, remotePort, servername } = socket;
    const place = `${servername || remoteAddress || "a local socket"}${remotePort ? `:${remotePort}` : ""}`;
    const message = `A connection to ${place} speaks ${what}: in a rehearsal nothing but the scratch is reached.`;
    say("warning", { code: "other_connection", message });
    return Object.assign(new Error(message), { code: "ERR_REHEARSAL" });
  }

  // -- telling ------------------------------------------------------------------------------------------------------

  /** Tell of a command, but not of the driver's own and migrate-mongo's. */
  note({ document }, reason) {
    const [name] = Object.keys(document);
    const collection = typeof document[name] === "string" ? document[name] : (document.collection ?? null);
    if (HIDDEN.has(name) || (this.phase !== "running" && this.tools.has(collection) && reason === null)) return null;
    const one = { id: ++this.sent, started: performance.now() };
    if (reason === null) this.waiting.set(one.id, one);
    const { $db: database } = document;
    // An account's command holds its password.
    const isShown = (key) => !NOISE.includes(key) && (key === name || !/User$/.test(name));
    const body = Object.fromEntries(Object.entries(document).filter(([key]) => isShown(key)));
    say("command", {
      id: one.id, name, database, collection, refused: reason, late: this.phase === "after",
      text: EJSON.stringify(shortened(body), { relaxed: true }), filters: filters(name, document),
    });
    return one;
  }

  arriving(socket, chunk) {
    const { back, ids } = socket[parts];
    for (const message of back.take(chunk) ?? []) {
      const one = ids.get(message.readInt32LE(8));
      if (!one) continue;
      ids.delete(message.readInt32LE(8));
      this.waiting.delete(one.id);
      const durationMs = Math.round((performance.now() - one.started) * 1000) / 1000;
      const { document } = read(message);
      say("answered", { id: one.id, durationMs, ok: document?.ok === 1, ...counted(document ?? {}) });
    }
  }
}

function asBuffer({ chunk, encoding }) {
  return Buffer.isBuffer(chunk) ? chunk : typeof chunk === "string" ? Buffer.from(chunk, encoding) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function counted(document) {
  const counts = Object.fromEntries(COUNTS.filter((key) => typeof document[key] === "number").map((key) => [key, document[key]]));
  if (document.lastErrorObject) counts.n = Number(document.lastErrorObject.n);
  if (document.cursor) counts.nReturned = (document.cursor.firstBatch ?? document.cursor.nextBatch ?? []).length;
  if (Array.isArray(document.values)) counts.nReturned = document.values.length;
  if (Array.isArray(document.upserted)) counts.nUpserted = document.upserted.length;
  const failed = document.writeErrors?.[0] ?? (document.ok === 1 ? document.writeConcernError : document);
  if (!failed) return { counts };
  const { code, codeName, errmsg, keyPattern, keyValue, errInfo } = failed;
  return { counts, error: JSON.parse(EJSON.stringify({ code, codeName, errmsg, keyPattern, keyValue, errInfo })) };
}

/** Long lists and texts cut, saying by how much. */
function shortened(value) {
  if (typeof value === "string") {
    return value.length > MAX_STRING ? `${value.slice(0, MAX_STRING)}… (${value.length} characters)` : value;
  }
  if (Array.isArray(value)) {
    const more = value.length - MAX_ITEMS;
    return [...value.slice(0, MAX_ITEMS).map(shortened), ...(more > 0 ? [`… and ${more} more`] : [])];
  }
  if (value === null || typeof value !== "object" || value._bsontype || value instanceof Date || value instanceof RegExp) return value;
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one)]));
}

/** What a command looks for, as the arguments of an `explain`: canonical EJSON each. */
function filters(name, command) {
  const found = {
    find: () => [{ filter: command.filter ?? {}, sort: command.sort, hint: command.hint, collation: command.collation }],
    count: () => [{ filter: command.query ?? {} }],
    distinct: () => [{ filter: command.query ?? {} }],
    findAndModify: () => [{ filter: command.query ?? {}, sort: command.sort }],
    update: () => (command.updates ?? []).map(({ q, hint, collation }) => ({ filter: q, hint, collation })),
    delete: () => (command.deletes ?? []).map(({ q, hint, collation }) => ({ filter: q, hint, collation })),
    aggregate: () => [{ filter: command.pipeline?.[0]?.$match ?? {} }],
  }[name]?.();
  return (found ?? [])
    .slice(0, MAX_FILTERS)
    .map((one) => EJSON.stringify(one, { relaxed: false }))
    .filter((text) => text.length <= MAX_FILTER);
}
