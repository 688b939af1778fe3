// Evaluates the project's migrate-mongo-config, CommonJS or ES module, JavaScript or TypeScript, with its .env.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const NAMES = ["js", "cjs", "mjs", "ts", "cts", "mts"].map((extension) => `migrate-mongo-config.${extension}`);
const NEEDS_IMPORT = new Set(["ERR_REQUIRE_ESM", "ERR_REQUIRE_ASYNC_MODULE"]);

/** The configuration's absolute path, or null where the folder has none. */
export function findConfig(cwd, file) {
  const names = file ? [file] : NAMES;
  return names.map((name) => path.resolve(cwd, name)).find((candidate) => existsSync(candidate)) ?? null;
}

/** Load a module as migrate-mongo does: require first, import where that is refused; its default export if it has one. */
export async function loadModule(file, cwd) {
  let module;
  try {
    module = createRequire(path.join(cwd, "package.json"))(file);
  } catch (error) {
    if (!NEEDS_IMPORT.has(error.code)) throw error;
    module = await import(pathToFileURL(file));
  }
  module = await module;
  return module.default ? module.default : module;
}

/** The project's variables, where the process has none of that name; a malformed line is passed over. */
export function loadEnvFile(cwd) {
  const file = path.join(cwd, ".env");
  if (existsSync(file)) {
    try {
      process.loadEnvFile(file);
    } catch {
      // Not readable for this user: the configuration will say what it misses.
    }
  }
}

/** What the configuration holds, or null where there is none. Throws what evaluating it throws. */
export async function readConfig(cwd, file) {
  const found = findConfig(cwd, file);
  if (!found) return null;
  const config = await (await loadModule(found, cwd));
  return { file: found, content: config && typeof config === "object" ? config : {} };
}

/** The parts that DB Toolkit works with, as plain data. */
export function describe({ file, content }) {
  const { mongodb = {} } = content;
  return {
    file,
    url: text(mongodb.url),
    databaseName: text(mongodb.databaseName),
    migrationsDir: text(content.migrationsDir) ?? "migrations",
    changelogCollectionName: text(content.changelogCollectionName) ?? "changelog",
    migrationFileExtension: text(content.migrationFileExtension) ?? ".js",
    useFileHash: content.useFileHash === true,
    lockCollectionName: text(content.lockCollectionName),
    lockTtl: Number(content.lockTtl) || 0,
    moduleSystem: text(content.moduleSystem) ?? "commonjs",
    hasOptions: Object.keys(mongodb.options ?? {}).length > 0,
  };
}

function text(value) {
  return typeof value === "string" && value !== "" ? value : null;
}
