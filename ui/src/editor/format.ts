/** Text made tidy: sql-formatter for the dialect, prettier for JavaScript. Both are loaded when first used. */
import type { SqlLanguage } from 'sql-formatter';
import type { Dialect } from './languages';

const FORMATTERS: Record<Exclude<Dialect, 'mongodb'>, SqlLanguage> = {
  postgres: 'postgresql',
  mysql: 'mysql',
  sqlite: 'sqlite',
  clickhouse: 'clickhouse',
  bigquery: 'bigquery',
  spanner: 'bigquery',
};

interface Options {
  dialect: Dialect;
  tabSize: number;
  /** A whole file, or the body of a function or half. */
  part: 'file' | 'body';
  typescript?: boolean;
}

/** The text tidied. Throws an Error with the formatter's words where it cannot be read. */
export async function formatText(text: string, options: Options): Promise<string> {
  if (!text.trim()) return text;
  if (options.dialect === 'mongodb') return formatJavaScript(text, options);
  const { format } = await import('sql-formatter');
  const language = FORMATTERS[options.dialect];
  const tidy = (sql: string) =>
    sql.trim()
      ? format(sql, { language, tabWidth: options.tabSize, keywordCase: 'preserve', linesBetweenQueries: 2 })
      : '';
  return options.part === 'body' ? tidy(text) : formatSqlFile(text, tidy);
}

/** The directives are dbmate's and stay as they are; what stands between them is tidied. */
function formatSqlFile(text: string, tidy: (sql: string) => string): string {
  const pieces = text.split(/^(--[ \t]*migrate:(?:up|down)\b.*)$/m);
  const [head = '', ...rest] = pieces;
  let formatted = head;
  for (let at = 0; at < rest.length; at += 2) {
    const body = tidy((rest[at + 1] ?? '').trim());
    formatted += `${rest[at]?.trimEnd()}\n${body}${body ? '\n' : ''}${at + 2 < rest.length ? '\n' : ''}`;
  }
  return formatted;
}

async function formatJavaScript(text: string, { tabSize, part, typescript }: Options): Promise<string> {
  const [{ format }, estree, parser] = await Promise.all([
    import('prettier/standalone'),
    import('prettier/plugins/estree'),
    typescript ? import('prettier/plugins/typescript') : import('prettier/plugins/babel'),
  ]);
  const options = {
    parser: typescript ? 'typescript' : 'babel',
    plugins: [estree.default ?? estree, parser.default ?? parser] as never[],
    tabWidth: tabSize,
    printWidth: 100,
  };
  const tidy = await format(text, options);
  // A body may await and return at its top: the parsers allow both, so it needs no function around it.
  return part === 'file' ? tidy : tidy.trimEnd();
}
