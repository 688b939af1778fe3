/** What is said of a name the pointer rests on. What is not known says nothing. Pure. */
import type { DefinitionPlace } from '../api/types.generated';
import { formatCount } from '../lib/format';
import type { Target } from './target';

/** Markdown, a paragraph an entry; names and values are escaped. */
export function hoverOf(
  target: Target,
  places: DefinitionPlace[],
  link: (place: DefinitionPlace) => string,
): string[] {
  const { table, about, column } = target;
  const said: string[] = [];
  if (column !== null) {
    if (about) said.push(code(`${column} ${about.type}`.trim()), columnFacts(target));
    else if (places.length > 0) said.push(code(`${target.name}.${column}`));
  } else if (table)
    said.push(code(`${table.kind.replaceAll('_', ' ')} ${fullName(target)}`), tableFacts(target));
  else if (places.length > 0) said.push(code(`${places[0]?.object ?? ''} ${target.name}`.trim()));
  if (about?.comment) said.push(escaped(about.comment));
  const [first, ...others] = places;
  if (first) {
    const verb = first.kind === 'created' ? 'Created by' : `First ${first.kind} by`;
    const more = others.length > 0 ? `, changed by ${others.length} more` : '';
    said.push(`${verb} [${escaped(first.filename)}](${link(first)})${more}`);
  }
  return said.filter(Boolean);
}

const fullName = ({ table, name }: Target) =>
  table?.schema_name ? `${table.schema_name}.${table.name}` : name;

function tableFacts({ table }: Target): string {
  if (!table) return '';
  const isCollection = table.kind === 'collection';
  const rows =
    table.rows === null ? null : `about ${formatCount(table.rows)} ${isCollection ? 'documents' : 'rows'}`;
  const facts = [
    rows,
    table.columns.length > 0 && `${table.columns.length} ${isCollection ? 'fields seen' : 'columns'}`,
    table.indexes.length > 0 && `${table.indexes.length} ${table.indexes.length === 1 ? 'index' : 'indexes'}`,
  ].filter(Boolean);
  const listed = table.columns
    .slice(0, LISTED)
    .map((one) => `${one.name} ${one.type}${one.nullable || isCollection ? '' : ' not null'}`.trim());
  if (table.columns.length > LISTED) listed.push('…');
  const indexes = isCollection
    ? table.indexes
        .slice(0, LISTED)
        .map((one) => `${one.unique ? 'unique ' : ''}index ${one.name} (${one.columns.join(', ')})`)
    : [];
  return [facts.join(' · '), ...(listed.length > 0 ? [code([...listed, ...indexes].join('\n'))] : [])].join(
    '\n\n',
  );
}

const LISTED = 12;

function columnFacts({ table, about, name }: Target): string {
  if (!about) return '';
  const isCollection = table?.kind === 'collection';
  const indexes = (table?.indexes ?? []).filter((one) => one.columns.includes(about.name));
  const facts = [
    about.primary_key && (isCollection ? 'the key' : 'primary key'),
    !isCollection && (about.nullable ? 'may be null' : 'not null'),
    isCollection && !about.nullable && !about.primary_key && 'required',
    about.default !== null && `default ${tick(about.default)}`,
    indexes.length > 0 &&
      `${indexes.some((one) => one.unique && one.columns.length === 1) && !about.primary_key ? 'unique, ' : ''}in ${indexes
        .map((one) => tick(one.name))
        .join(', ')}`,
    `of ${tick(table?.name ?? name)}`,
  ];
  return facts.filter(Boolean).join(' · ');
}

/** A block of code; its fence is longer than any run of ticks in it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((one) => one[0].length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}\n${text}\n${fence}`;
}

const tick = (text: string) => (text.includes('`') ? escaped(text) : `\`${text.replaceAll('\n', ' ')}\``);

const escaped = (text: string) => text.replace(/[\\`*_{}[\]()#+\-.!<>|~&]/g, '\\$&').replaceAll('\n', ' ');
