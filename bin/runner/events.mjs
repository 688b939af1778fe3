// Says what happens as JSON lines on a channel of its own, so that nothing a migration prints can be mistaken for it.
// DB_TOOLKIT_EVENTS is `fd:N`, or `stderr:TOKEN` where no descriptor can be handed down (Windows).
import { writeSync } from "node:fs";

const [kind, rest] = splitOnce(process.env.DB_TOOLKIT_EVENTS ?? "fd:2", ":");
const fd = kind === "fd" ? Number(rest) : 2;
const prefix = kind === "fd" ? "" : rest;
// A migration has no business with it, and neither have the programs it starts.
delete process.env.DB_TOOLKIT_EVENTS;

/** Write one event, wholly, before returning: the process may end at any moment after. */
export function say(event, fields = {}) {
  let line = Buffer.from(prefix + JSON.stringify({ event, ...fields }) + "\n");
  while (line.length > 0) {
    try {
      line = line.subarray(writeSync(fd, line));
    } catch (error) {
      if (error.code === "EAGAIN") continue;
      return; // Nobody listens any more.
    }
  }
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
