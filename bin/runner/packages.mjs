// Finds mongodb and migrate-mongo: the project's own where it has them (another copy of bson would be refused with
// BSONVersionError), else the bundled ones. Also lets a project's imports find what a bundler would have found.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const bundled = createRequire(path.join(here, "..", "package.json"));
const OLDEST_MIGRATE_MONGO = 8;
const EXTENSIONS = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"];
const LENT = new Set(["mongodb", "migrate-mongo", "bson"]);
// Off while it is asked what the project itself has.
let isLending = true;

/** `{ name, version, folder, entry, source }` of both packages, as seen from the project's folder. */
export function findPackages(cwd) {
  return { mongodb: find("mongodb", cwd, () => true), migrateMongo: find("migrate-mongo", cwd, isUsable) };
}

function find(name, cwd, usable) {
  const own = locate(name, createRequire(path.join(cwd, "package.json")));
  if (own && usable(own)) return { ...own, source: "project" };
  const ours = locate(name, bundled);
  if (!ours) throw new Error(`The bundled package ${name} is missing.`);
  return { ...ours, source: "bundled" };
}

function locate(name, require) {
  let entry;
  isLending = false;
  try {
    entry = require.resolve(name);
  } catch {
    return null;
  } finally {
    isLending = true;
  }
  // `exports` may hide package.json, so it is looked for on the way up.
  for (let folder = path.dirname(entry); ; folder = path.dirname(folder)) {
    const file = path.join(folder, "package.json");
    if (existsSync(file)) {
      const about = JSON.parse(readFileSync(file, "utf8"));
      if (about.name === name) return { name, version: about.version, folder, entry };
    }
    if (path.dirname(folder) === folder) return null;
  }
}

/** Are the parts there that the runner takes hold of? They have been since version 8. */
function isUsable({ version, folder }) {
  return Number.parseInt(version, 10) >= OLDEST_MIGRATE_MONGO && existsSync(path.join(folder, "lib", "env", "migrationsDir.js"));
}

/** Import a file of a package by its absolute path; CommonJS and ES modules alike. */
export async function load(found, ...parts) {
  const file = parts.length > 0 ? path.join(found.folder, ...parts) : found.entry;
  const module = await import(pathToFileURL(file));
  return module.default ?? module;
}

/** The package's own API. Its CommonJS entry has been broken since 14.0.6, so it is imported as an ES module. */
export async function loadMigrateMongo(found) {
  const api = await load(found, "lib", "migrate-mongo.js");
  const env = {
    migrationsDir: await load(found, "lib", "env", "migrationsDir.js"),
    config: await load(found, "lib", "env", "config.js"),
  };
  return { ...api, env };
}

/** `import "./models"` for models.ts, `mongodb` in a folder without node_modules, dotenv where it is not installed. */
export function lendModules() {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        const found = isLending && isMissing(error) && (lent(specifier) ?? besides(specifier, context.parentURL));
        if (!found) throw error;
        // require takes a path, import a URL.
        return next(context.conditions?.includes("require") ? found : pathToFileURL(found).href, context);
      }
    },
  });
}

function isMissing(error) {
  return ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"].includes(error.code);
}

function lent(specifier) {
  if (specifier === "dotenv" || specifier === "dotenv/config") {
    return path.join(here, specifier === "dotenv" ? "dotenv.cjs" : "dotenv-config.cjs");
  }
  if (!LENT.has(specifier)) return null;
  try {
    return bundled.resolve(specifier);
  } catch {
    return null;
  }
}

/** A relative path without its extension, or with the `.js` that its `.ts` would be compiled to. */
function besides(specifier, parentURL) {
  if (!/^\.{0,2}\//.test(specifier) || !parentURL?.startsWith("file:")) return null;
  const wanted = path.resolve(path.dirname(fileURLToPath(parentURL)), specifier);
  const stem = wanted.replace(/\.([cm]?)js$/, "");
  const tries = [
    ...EXTENSIONS.map((extension) => wanted + extension),
    ...(stem === wanted ? [] : [".ts", ".mts", ".cts"].map((extension) => stem + extension)),
    ...EXTENSIONS.map((extension) => path.join(wanted, "index" + extension)),
  ];
  return tries.find((file) => existsSync(file) && statSync(file).isFile()) ?? null;
}
