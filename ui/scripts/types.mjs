// TypeScript types of every channel, from the backend's own schemas (`main.py channels --json`).
// `--check` writes nothing and exits 1 where the file is not what the schemas say.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { render } from './render-types.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const file = here('../src/api/types.generated.ts');

async function schemas() {
  // The checks pipe the schemas in; by hand they are asked of the backend. Not readFileSync(0): where the pipe is not
  // filled yet it fails with EAGAIN.
  const piped = process.stdin.isTTY ? '' : (await textOf(process.stdin)).trim();
  if (piped) return JSON.parse(piped);
  const python = ['../../.venv/bin/python', '../../.venv/Scripts/python.exe'].map(here).find(existsSync);
  if (!python) throw new Error('No .venv beside ui/: run `make setup`, or pipe the schemas in.');
  const printed = execFileSync(python, [here('../../main.py'), 'channels', '--json'], { encoding: 'utf8' });
  return JSON.parse(printed);
}

const text = render(await schemas());
const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
if (process.argv.includes('--check')) {
  if (text !== before) {
    console.error('src/api/types.generated.ts is out of date: run `npm run types`.');
    process.exit(1);
  }
} else if (text !== before) {
  writeFileSync(file, text);
  console.log('src/api/types.generated.ts written');
}
