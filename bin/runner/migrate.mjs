// Runs exactly the given files, up or down, through migrate-mongo's own code: only which files it sees, and what is told
// about each, is ours. One entry a file, all of a run in one block, as the bare tool writes them.
import path from "node:path";
import { describeFailure } from "./failure.mjs";
import { forget } from "./changelog.mjs";
import { say } from "./events.mjs";
import { loadMigrateMongo } from "./packages.mjs";

/** A failure, described. */
export class Failed extends Error {
  constructor(failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export class Migrator {
  constructor({ packages, config, files, direction, commands, rejections, watch = null, sent = null }) {
    Object.assign(this, { packages, config, files, direction, commands, rejections, watch, sent });
    this.paths = new Map(files.map((file) => [path.basename(file), file]));
    this.done = [];
    this.current = null;
    this.failed = null;
  }

  /** Returns the names that ran, in order. Throws Failed. */
  async run(db, client) {
    this.tool = await loadMigrateMongo(this.packages.migrateMongo);
    global.options = {};
    this.takeHold();
    try {
      await (this.direction === "up" ? this.up(db, client) : this.down(db, client));
    } catch (error) {
      throw error instanceof Failed ? error : (this.failed ?? this.outside(error));
    }
    return this.done;
  }

  async up(db, client) {
    this.show([...this.paths.keys()]);
    await this.tool.up(db, client);
    this.finish();
  }

  /** migrate-mongo rolls back the last applied of the files it sees, so it is shown one at a time. */
  async down(db, client) {
    // It would take an edited file for pending, and of several entries for one file remove only the oldest.
    const { useFileHash } = this.config;
    this.set({ ...this.config, useFileHash: false });
    for (const name of this.paths.keys()) {
      this.show([name]);
      await this.tool.down(db, client);
      if (useFileHash && this.current) await forget(db, [name], this.config);
      this.finish();
    }
  }

  // -- taking hold of the tool ------------------------------------------------------------------------------------

  takeHold() {
    const { migrationsDir, config } = this.tool.env;
    const load = migrationsDir.loadMigration.bind(migrationsDir);
    this.set(this.config);
    config.shouldExist = async () => {};
    migrationsDir.shouldExist = async () => {};
    migrationsDir.loadMigration = (name) => this.load(name, load);
    const hash = migrationsDir.loadFileHash?.bind(migrationsDir);
    migrationsDir.loadFileHash = (name) => {
      this.set({ ...this.config, migrationsDir: path.dirname(this.paths.get(name)) });
      return hash(name);
    };
  }

  set(config) {
    this.shown = config;
    // `set` came with version 9; replacing `read` serves every version.
    this.tool.env.config.read = async () => this.shown;
  }

  show(names) {
    this.tool.env.migrationsDir.getFileNames = async () => names;
  }

  /** Called by migrate-mongo for each file, right before it runs: the one before it is recorded by then. */
  async load(name, load) {
    this.finish();
    const file = this.paths.get(name);
    this.current = { name, file, started: performance.now() };
    this.sent?.clear();
    say("start", { file: name });
    this.shown = { ...this.shown, migrationsDir: path.dirname(file) };
    let migration;
    try {
      migration = await load(name);
    } catch (error) {
      throw this.fail(error, error instanceof SyntaxError ? "syntax" : "load");
    }
    if (typeof migration?.[this.direction] !== "function") {
      throw this.fail(new Error(`${name} has no ${this.direction} function`), "no_function");
    }
    return { [this.direction]: (db, client) => this.call(migration, db, client) };
  }

  async call(migration, db, client) {
    this.watch?.begin();
    try {
      await migration[this.direction](db, client);
    } catch (error) {
      throw this.fail(error, "run");
    } finally {
      await this.watch?.returned();
    }
    const left = await this.commands.settle();
    const [rejected] = this.rejections.take();
    // migrate-mongo itself would record the file as applied; what failed must not count as done.
    if (rejected !== undefined) throw this.fail(rejected, "rejection");
    if (left.length > 0) {
      say("warning", {
        file: this.current.name,
        code: "not_awaited",
        message: `${this.direction} returned while ${left.join(", ")} still ran: put await before each call. It was waited for.`,
      });
    }
    this.current.returned = true;
  }

  fail(error, kind) {
    const { file } = this.current;
    this.failed = this.described(error, kind, file);
    return this.failed;
  }

  /** Not thrown by a migration: the changelog, the tool's own lock, the connection. */
  outside(error) {
    const message = String(error?.message);
    const kind = /a lock is in place|create a lock/.test(message) ? "lock" : this.current ? "changelog" : "internal";
    return this.described(error, kind, this.current?.file);
  }

  described(error, kind, file) {
    return new Failed(describeFailure(error, { kind, file, direction: this.direction, migrated: this.done }));
  }

  finish() {
    if (!this.current) return;
    const { name, started } = this.current;
    say("done", { file: name, durationMs: Math.round((performance.now() - started) * 1000) / 1000 });
    this.done.push(name);
    this.current = null;
  }
}
