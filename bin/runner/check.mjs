// Reads files with Node's own parser, without running a line of them.
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import path from "node:path";
import vm from "node:vm";

const WRAPPER = ["exports", "require", "module", "__filename", "__dirname"];
const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);
// Only an ES module has these, so a file refused for one of them is read again as such.
const MODULE_ONLY = /Cannot use import statement|Unexpected token 'export'|Cannot use 'import\.meta'|await is only valid/;

/** The syntax error of a file, or null. `moduleType` is that of the nearest package.json. */
export function syntaxError(file) {
  let code;
  try {
    code = readFileSync(file, "utf8").replace(/^\uFEFF/, "").replace(/^#!.*/, "");
    if (TYPESCRIPT.has(path.extname(file))) code = stripTypeScriptTypes(code, { mode: "transform", sourceUrl: file });
  } catch (error) {
    return error.code?.includes("TYPESCRIPT") ? error : null; // One that cannot be read fails when it is loaded.
  }
  if (/\.c[jt]s$/.test(file)) return asScript(code, file);
  if (/\.m[jt]s$/.test(file)) return asModule(code, file);
  const error = asScript(code, file);
  return error && (MODULE_ONLY.test(error.message) || looksLikeModule(code)) ? asModule(code, file) : error;
}

function looksLikeModule(code) {
  return /^\s*(import|export)\b/m.test(code);
}

function asScript(code, filename) {
  try {
    vm.compileFunction(code, WRAPPER, { filename });
    return null;
  } catch (error) {
    return error;
  }
}

function asModule(code, identifier) {
  try {
    new vm.SourceTextModule(code, { identifier });
    return null;
  } catch (error) {
    return error;
  }
}
