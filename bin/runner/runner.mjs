// One operation on a migrate-mongo project: a JSON request on standard input, JSON events on a channel of its own.
//
// Requests: { op, cwd, … }; op is up, down, record, forget, check, list, read-config or versions.
// A request that is `sealed` has no network.
// A request with `rehearse: { database }` is watched: events command, answered and late, and nothing else is reached.
// Events: ready, start, done, warning, failed, result, end. What the migrations print goes to standard output and error.
import path from "node:path";
import { readFileSync } from "node:fs";
import { syntaxError } from "./check.mjs";
import { describe, findConfig, loadEnvFile, readConfig } from "./config.mjs";
import { connect } from "./connection.mjs";
import { say } from "./events.mjs";
import { describeFailure } from "./failure.mjs";
import { forget, record } from "./changelog.mjs";
import { Failed, Migrator } from "./migrate.mjs";
import { Watch } from "./rehearse.mjs";
import { seal } from "./sealed.mjs";
import { findPackages, lendModules, loadMigrateMongo } from "./packages.mjs";
import { Sent } from "./sent.mjs";
import { Commands, Rejections, watchExit } from "./watch.mjs";

const CANCELLED = 143;
const CLOSE_WITHIN_MS = 1000;
const LATE_MS = 20;

const state = { client: null, db: null, migrator: null, config: null, cancelled: false };
const rejections = new Rejections();
const exit = watchExit((error) => {
  const current = state.migrator?.current;
  sayFailed(describeFailure(error, { kind: "exit", file: current?.file, direction: state.migrator?.direction }));
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, cancel);
process.on("uncaughtException", (error) => {
  const current = state.migrator?.current;
  sayFailed(describeFailure(error, { kind: "crash", file: current?.file, direction: state.migrator?.direction }));
  exit(1);
});

const OPERATIONS = {
  up: migrate,
  down: migrate,
  record: (input) => withClient(input, (db, config) => record(db, input.files, config)),
  forget: (input) => withClient(input, (db, config) => forget(db, input.files, config)),
  check: async (input) => checkAll(input.files),
  list,
  "read-config": readConfiguration,
  versions: async (input) => ({ node: process.version, ...findPackages(input.cwd) }),
};

const input = JSON.parse(readFileSync(0, "utf8"));
try {
  if (input.sealed) seal();
  process.chdir(input.cwd);
  lendModules();
  loadEnvFile(input.cwd);
  const operation = OPERATIONS[input.op];
  if (!operation) throw new Error(`Unknown operation: ${input.op}`);
  const result = await operation(input);
  if (result !== undefined) say("result", { result });
  say("end", { ok: true });
  await leave(0);
} catch (error) {
  if (!state.cancelled) {
    sayFailed(error instanceof Failed ? error.failure : describeFailure(error, { kind: "internal" }));
    await leave(1);
  }
}

async function migrate(input) {
  const broken = checkAll(input.files)[0];
  // Nothing runs where one of the files cannot be read: better no file applied than half of them.
  if (broken) throw new Failed({ ...broken, direction: input.op });
  await withClient(input, async (db, config, packages) => {
    const commands = new Commands(state.client);
    state.sent = new Sent(state.client, [config.changelogCollectionName, config.lockCollectionName]);
    const { files, op: direction } = input;
    state.migrator = new Migrator({ packages, config, files, direction, commands, rejections, watch: state.watch, sent: state.sent });
    await state.migrator.run(db, state.client);
  });
}

function checkAll(files) {
  return files.flatMap((file) => {
    const error = syntaxError(file);
    return error ? [describeFailure(error, { kind: "syntax", file })] : [];
  });
}

async function withClient(input, action) {
  const packages = findPackages(input.cwd);
  // Before the project's configuration is read: that is a program too.
  if (input.rehearse) state.watch = new Watch({ own: input.rehearse.database, tools: [] });
  const config = await settings(input);
  if (state.watch) state.watch.tools = new Set([config.changelogCollectionName, config.lockCollectionName]);
  say("ready", { node: process.version, mongodb: packages.mongodb, migrateMongo: packages.migrateMongo });
  try {
    Object.assign(state, await connect(packages, input, config), { config });
  } catch (error) {
    throw new Failed(describeFailure(error, { kind: "connect" }));
  }
  return action(state.db, config, packages);
}

/** The project's own settings (hash, lock, client options), with what the request says instead. */
async function settings(input) {
  let project = {};
  try {
    project = (await readConfig(input.cwd, input.configFile))?.content ?? {};
  } catch (error) {
    say("warning", { code: "config", message: `The project's configuration could not be read: ${error.message}` });
  }
  const said = Object.entries({
    changelogCollectionName: input.changelogCollectionName,
    useFileHash: input.useFileHash,
    lockCollectionName: input.lockCollectionName,
    lockTtl: input.lockTtl,
  }).filter(([, value]) => value !== undefined && value !== null);
  return { changelogCollectionName: "changelog", lockTtl: 0, ...project, ...Object.fromEntries(said) };
}

async function readConfiguration(input) {
  try {
    const found = await readConfig(input.cwd, input.configFile);
    return found ? describe(found) : null;
  } catch (error) {
    throw new Failed(describeFailure(error, { kind: "config", file: findConfig(input.cwd, input.configFile) }));
  }
}

/** The files migrate-mongo itself would see, by its own rules. */
async function list(input) {
  const { env } = await loadMigrateMongo(findPackages(input.cwd).migrateMongo);
  const config = await settings(input);
  env.config.read = async () => ({ ...config, ...(input.migrationsDir && { migrationsDir: input.migrationsDir }) });
  return env.migrationsDir.getFileNames();
}

// -- ending ---------------------------------------------------------------------------------------------------------

function sayFailed(failure) {
  say("failed", { file: failure.file, error: { ...failure, ...state.sent?.told() } });
  say("end", { ok: false });
}

async function cancel() {
  if (state.cancelled) return;
  state.cancelled = true;
  const { migrator } = state;
  const error = new Error("The run was cancelled.");
  sayFailed(describeFailure(error, { kind: "cancelled", file: migrator?.current?.file, direction: migrator?.direction, migrated: migrator?.done }));
  await leave(CANCELLED);
}

/** Close the client (which ends its sessions on the server) and end with that code. */
async function leave(code) {
  const { client, db, config, cancelled, migrator } = state;
  if (client) {
    // migrate-mongo's lock would outlive a cancelled run; it is ours only once the first file has begun.
    const isLocked = cancelled && migrator && (migrator.current || migrator.done.length > 0);
    const unlock = isLocked && config.lockCollectionName && config.lockTtl > 0;
    await within(CLOSE_WITHIN_MS, unlock ? db.collection(config.lockCollectionName).deleteMany({}) : null);
    await within(CLOSE_WITHIN_MS, client.close(true));
  }
  if (code === 0) await reportLate();
  exit(code);
}

/** Rejections that came up only after the last file, when the client was closed under them. */
async function reportLate() {
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  for (const reason of rejections.take()) {
    say("warning", { code: "late_rejection", message: `A promise nobody awaited failed after the run: ${reason?.message ?? reason}` });
  }
}

async function within(ms, promise) {
  await Promise.race([Promise.resolve(promise).catch(() => {}), new Promise((resolve) => setTimeout(resolve, ms))]);
}
