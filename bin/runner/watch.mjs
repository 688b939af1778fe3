// Watches what a migration leaves behind: promises nobody awaits, calls of process.exit.
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";

const TURNS = 3;
const QUIET_LOOKS = 5;
const LOOK_EVERY_MS = 5;

/** Counts the driver's work under way: commands, and waits for a connection to send one on. */
export class Commands {
  constructor(client) {
    this.underWay = new Map();
    this.waiting = 0;
    client.on("commandStarted", (event) => {
      // A tailing cursor waits in its getMore for as long as nothing comes; that is no unfinished work.
      const waits = event.commandName === "getMore" && event.command?.maxTimeMS !== undefined;
      if (!waits && event.commandName !== "endSessions") this.underWay.set(event.requestId, event.commandName);
    });
    const ended = (event) => this.underWay.delete(event.requestId);
    client.on("commandSucceeded", ended);
    client.on("commandFailed", ended);
    client.on("connectionCheckOutStarted", () => this.waiting++);
    client.on("connectionCheckedOut", () => this.waiting--);
    client.on("connectionCheckOutFailed", () => this.waiting--);
  }

  get isQuiet() {
    return this.underWay.size === 0 && this.waiting <= 0;
  }

  /**
   * Wait until nothing runs any more and nothing new begins. Returns the names of what was still running at first.
   * A migration that awaits all it does costs a few turns of the event loop here, and no more.
   */
  async settle() {
    for (let turns = 0; turns < TURNS && this.isQuiet; turns++) await turn();
    if (this.isQuiet) return [];
    const left = new Set(this.underWay.values());
    // One command of a chain may have ended and the next not begun: so it has to be quiet for a while.
    for (let quiet = 0; quiet < QUIET_LOOKS; quiet = this.isQuiet ? quiet + 1 : 0) {
      await pause(LOOK_EVERY_MS);
      for (const name of this.underWay.values()) left.add(name);
    }
    return left.size > 0 ? [...left] : ["a command"];
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
