// MongoDB's wire protocol, as far as one must read it to know what a command is, and to answer one in a server's place.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

// The bundled one: what passes here must not depend on which version a project has.
const here = path.dirname(fileURLToPath(import.meta.url));
const { BSON } = createRequire(path.join(here, "..", "package.json"))("mongodb");

export const { EJSON } = BSON;
const OP_QUERY = 2004;
const OP_COMPRESSED = 2012;
const OP_MSG = 2013;
const HEADER = 16;
const CHECKSUM_PRESENT = 1;
export const MORE_TO_COME = 2;

/** Collects chunks of a stream and hands out whole messages; null as soon as it is seen to be another protocol. */
export class Messages {
  constructor() {
    this.rest = Buffer.alloc(0);
  }

  take(chunk) {
    this.rest = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const whole = [];
    while (this.rest.length >= HEADER) {
      const length = this.rest.readInt32LE(0);
      if (![1, OP_QUERY, OP_COMPRESSED, OP_MSG].includes(this.rest.readInt32LE(12)) || length < HEADER) return null;
      if (this.rest.length < length) break;
      whole.push(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
    }
    return whole;
  }
}

/** `{ id, answers, code, flags, document }`; the document is null where the message cannot be read (compressed). */
export function read(message) {
  const [id, answers, code] = [4, 8, 12].map((at) => message.readInt32LE(at));
  if (code === OP_QUERY) {
    const name = message.toString("utf8", 20, message.indexOf(0, 20));
    const document = BSON.deserialize(message.subarray(20 + Buffer.byteLength(name) + 1 + 8));
    return { id, answers, code, flags: 0, document: { ...document, $db: name.split(".")[0] } };
  }
  if (code !== OP_MSG) return { id, answers, code, flags: 0, document: null };
  const flags = message.readUInt32LE(16);
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let document = {};
  for (let at = 20; at < end; ) {
    const kind = message[at++];
    const size = message.readInt32LE(at);
    if (kind === 0) document = { ...BSON.deserialize(message.subarray(at, at + size)), ...document };
    else document[message.toString("utf8", at + 4, message.indexOf(0, at + 4))] = sequence(message.subarray(at, at + size));
    at += size;
  }
  return { id, answers, code, flags, document };
}

/** The documents of a section that holds many: size, name, documents. */
function sequence(section) {
  const found = [];
  for (let at = section.indexOf(0, 4) + 1; at < section.length; ) {
    const size = section.readInt32LE(at);
    found.push(BSON.deserialize(section.subarray(at, at + size)));
    at += size;
  }
  return found;
}

/** An OP_MSG that answers message `id`. */
export function answer(id, document) {
  const body = BSON.serialize(document);
  const head = Buffer.alloc(HEADER + 5);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(id, 8);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, body]);
}
