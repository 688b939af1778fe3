// Watches what a migration leaves behind: promises nobody awaits, calls of process.exit.
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";

const QUIET_TURNS = 3;
const LOOK_EVERY_MS = 5;

/** Counts the driver's commands that are under way, by its command monitoring. */
export class Commands {
  constructor(client) {
    this.underWay = new Map();
    client.on("commandStarted", (event) => {
      // A tailing cursor waits in its getMore for as long as nothing comes; that is no unfinished work.
      const waits = event.commandName === "getMore" && event.command?.maxTimeMS !== undefined;
      if (!waits && event.commandName !== "endSessions") this.underWay.set(event.requestId, event.commandName);
    });
    const ended = (event) => this.underWay.delete(event.requestId);
    client.on("commandSucceeded", ended);
    client.on("commandFailed", ended);
  }

  /** Wait until nothing runs any more and nothing new begins. Returns the names of what was still running at first. */
  async settle() {
    await turn();
    const left = [...this.underWay.values()];
    for (let quiet = 0; quiet < QUIET_TURNS; quiet = this.underWay.size === 0 ? quiet + 1 : 0) {
      await (this.underWay.size === 0 ? turn() : pause(LOOK_EVERY_MS));
    }
    return left;
  }
}

/** Collects rejections that nobody handled. */
export class Rejections {
  constructor() {
    this.found = [];
    process.on("unhandledRejection", (reason) => this.found.push(reason));
  }

  take() {
    return this.found.splice(0);
  }
}

/** Calls `onExit(stackHolder)` when a migration calls process.exit, then ends with exit code 1. */
export function watchExit(onExit) {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    onExit(new Error(`process.exit(${code ?? ""}) was called`));
    exit(1);
  };
  return exit;
}
