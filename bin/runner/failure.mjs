// An error as plain data: what was thrown, by whose line, and what is needed to say it in plain words.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const MAX_TEXT = 20_000;
const BUILT_IN = /^(node:|internal\/)/;

// The migration's own line may stand below many of the driver's.
Error.stackTraceLimit = 60;

/** `kind` says what failed: syntax, load, no_function, run, rejection, exit, changelog, lock, connect, config, internal. */
export function describeFailure(error, { kind, file = null, direction = null, migrated = [] } = {}) {
  const thrown = error instanceof Error || (error && typeof error === "object") ? error : { message: String(error) };
  const stack = cut(String(thrown.stack ?? ""));
  return {
    kind,
    file: file && path.basename(file),
    direction,
    name: thrown.name ?? null,
    message: cut(String(thrown.message ?? error)),
    code: ["number", "string"].includes(typeof thrown.code) ? thrown.code : null,
    codeName: thrown.codeName ?? null,
    errInfo: plain(thrown.errInfo ?? thrown.additionalInfo),
    keyPattern: plain(thrown.keyPattern),
    keyValue: plain(thrown.keyValue),
    writeError: firstWriteError(thrown),
    ...position(thrown, stack, file),
    missingModule: missingModule(thrown, file),
    migrated,
    cause: thrown.cause?.message ? cut(String(thrown.cause.message)) : null,
    stack,
  };
}

function cut(text) {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) + "…" : text;
}

/** A value that survives JSON; ObjectIds and dates become text. */
function plain(value) {
  if (value === undefined || value === null) return null;
  try {
    const text = JSON.stringify(value);
    return text.length <= MAX_TEXT ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** A bulk write fails with a list; the first one is what happened. */
function firstWriteError(error) {
  const first = Array.isArray(error.writeErrors) ? error.writeErrors[0] : error.writeErrors;
  if (!first) return null;
  const raw = first.err ?? first;
  return plain({
    index: first.index ?? raw.index,
    code: first.code ?? raw.code,
    errmsg: first.errmsg ?? raw.errmsg,
    errInfo: raw.errInfo,
    keyPattern: raw.keyPattern,
    keyValue: raw.keyValue,
  });
}

/** Line and column in the migration file, and `source` where the error came up in another file of the project. */
function position(error, stack, file) {
  const frames = stackFrames(stack);
  const own = file && frames.find((frame) => frame.file === file);
  const first = frames.find((frame) => !frame.file.includes(`${path.sep}node_modules${path.sep}`));
  const source = first && file && first.file !== file && !isOurs(first.file) ? `${first.file}:${first.line}` : null;
  if (own) return { line: own.line, column: own.column, source };
  const specifier = /Cannot find (?:module|package) '([^']+)'/.exec(String(error.message))?.[1];
  return { line: null, column: null, ...(file && specifier ? whereNamed(file, specifier) : {}), source };
}

function isOurs(file) {
  return file.startsWith(path.dirname(fileURLToPath(import.meta.url)) + path.sep);
}

function stackFrames(stack) {
  const frames = [];
  // A syntax error of a CommonJS or TypeScript file starts with `file:line`, the line's text and a caret.
  const head = /^((?:file:\/\/)?\S.*?):(\d+)\n(.*)\n(\s*)\^/.exec(stack);
  if (head) frames.push({ file: asPath(head[1]), line: Number(head[2]), column: head[4].length + 1 });
  for (const match of stack.matchAll(/^\s+at (?:.*\()?((?:file:\/\/)?[^\s()][^()]*?):(\d+):(\d+)\)?$/gm)) {
    if (!BUILT_IN.test(match[1])) {
      frames.push({ file: asPath(match[1]), line: Number(match[2]), column: Number(match[3]) });
    }
  }
  return frames;
}

function asPath(text) {
  try {
    return text.startsWith("file://") ? fileURLToPath(text.split("?")[0]) : text.replace(/^async /, "");
  } catch {
    return text;
  }
}

/** The line that asks for a module, where the stack does not tell (static imports run before any line does). */
function whereNamed(file, specifier) {
  try {
    const lines = readFileSync(file, "utf8").split(/\r?\n/);
    const beside = `./${path.relative(path.dirname(file), specifier).split(path.sep).join("/")}`;
    for (const [index, line] of lines.entries()) {
      const at = Math.max(indexOfQuoted(line, specifier), indexOfQuoted(line, beside));
      if (at >= 0) return { line: index + 1, column: at + 1 };
    }
  } catch {
    // The file is gone; then there is no line to name.
  }
  return {};
}

/** Where a string literal with this module's name, or something inside the module, begins. */
function indexOfQuoted(line, name) {
  return Math.max(...[`"${name}"`, `'${name}'`, `"${name}/`, `'${name}/`].map((quoted) => line.indexOf(quoted)));
}

/** Which package or file is missing and who wanted it: `{ name, specifier, relative, from, folder }`. */
function missingModule(error, file) {
  if (!["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error.code)) return null;
  const message = String(error.message);
  const specifier = /Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1];
  if (!specifier || (file && specifier === file)) return null;
  const from = error.requireStack?.[0] ?? /imported from (\S.*)$/m.exec(message)?.[1];
  const relative = specifier.startsWith(".") || path.isAbsolute(specifier);
  return {
    name: relative ? specifier : packageName(specifier),
    specifier,
    relative,
    from: from ? path.relative(process.cwd(), asPath(from)) : null,
    folder: process.cwd(),
  };
}

function packageName(specifier) {
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
