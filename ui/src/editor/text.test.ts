import { describe, expect, it } from 'vitest';
import { formatText } from './format';
import { languageOf } from './languages';
import { quoteName, tableName } from './quote';
import { snippetsOf } from './snippets';

describe('names are quoted only where they must be', () => {
  it.each([
    ['postgres', 'users', 'users'],
    ['postgres', 'Users', '"Users"'],
    ['postgres', 'order', '"order"'],
    ['postgres', 'we"ird', '"we""ird"'],
    ['mysql', 'Users', 'Users'],
    ['mysql', 'user name', '`user name`'],
    ['sqlite', 'group', '"group"'],
    ['clickhouse', 'a`b', '`a\\`b`'],
  ] as const)('%s: %s', (dialect, name, quoted) => expect(quoteName(name, dialect)).toBe(quoted));

  it('leaves the default schema out', () => {
    expect(tableName({ schema_name: 'public', name: 'users' }, 'public', 'postgres')).toBe('users');
    expect(tableName({ schema_name: 'Audit', name: 'users' }, 'public', 'postgres')).toBe('"Audit".users');
  });
});

describe('formatting', () => {
  const sql = { dialect: 'postgres', tabSize: 2 } as const;
  it('tidies a half', async () => {
    expect(await formatText('select a,b from t;', { ...sql, part: 'body' })).toBe(
      'select\n  a,\n  b\nfrom\n  t;',
    );
  });

  it('leaves the directives of a file alone', async () => {
    const file = '-- migrate:up transaction:false\nselect 1;\n-- migrate:down\n';
    const tidy = await formatText(file, { ...sql, part: 'file' });
    expect(tidy).toBe('-- migrate:up transaction:false\nselect\n  1;\n\n-- migrate:down\n');
    expect(await formatText(tidy, { ...sql, part: 'file' })).toBe(tidy);
  });

  it('tidies the body of a function, await included', async () => {
    const body = 'await db.collection("a").insertOne({a:1})';
    const tidy = await formatText(body, { dialect: 'mongodb', tabSize: 2, part: 'body' });
    expect(tidy).toBe('await db.collection("a").insertOne({ a: 1 });');
  });

  it.each([false, true])('keeps what stands in a template string (TypeScript: %s)', async (typescript) => {
    const body = 'const text = `\n    indented\n`;\nif (!text) return;\nawait db.command({ x: text });';
    const tidy = await formatText(body, { dialect: 'mongodb', tabSize: 2, part: 'body', typescript });
    expect(tidy).toBe(body);
  });

  it('says what it cannot read', async () => {
    await expect(formatText('if (', { dialect: 'mongodb', tabSize: 2, part: 'body' })).rejects.toThrow();
  });
});

it('picks the language by engine and name', () => {
  expect(languageOf('postgres', '1_a.sql')).toBe('pgsql');
  expect(languageOf('mongodb', '1-a.ts')).toBe('typescript');
  expect(languageOf('mongodb', '1-a.js')).toBe('javascript');
});

it('has snippets for every dialect', () => {
  for (const dialect of [
    'postgres',
    'mysql',
    'sqlite',
    'clickhouse',
    'bigquery',
    'spanner',
    'mongodb',
  ] as const)
    expect(snippetsOf(dialect).length).toBeGreaterThan(3);
});
