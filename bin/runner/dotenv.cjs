// Stands in for the package dotenv where a project's configuration asks for it and it is not installed.
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { parseEnv } = require("node:util");

function config(options = {}) {
  const files = [options.path ?? path.join(process.cwd(), ".env")].flat();
  const parsed = {};
  for (const file of files) {
    try {
      Object.assign(parsed, parseEnv(readFileSync(file, "utf8")));
    } catch (error) {
      return { parsed, error };
    }
  }
  for (const [name, value] of Object.entries(parsed)) {
    if (options.override || !(name in process.env)) process.env[name] = value;
  }
  return { parsed };
}

module.exports = { config, parse: (text) => parseEnv(String(text)) };
