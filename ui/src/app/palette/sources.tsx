/** Where the palette's entries come from. Each source is asked only while the palette is open. */
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileText, IconSettings, IconShieldCheck, IconTable, IconTemplate } from '@tabler/icons-react';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useConnections, useCurrentConnection } from '../../api/connections';
import { invoke } from '../../api/invoke';
import { channelKey, useChannel } from '../../api/queries';
import { useRuleList } from '../../api/rules';
import { placeOfTab, showConnection, useTabs } from '../../api/tabs';
import type { Connection, Migration } from '../../api/types.generated';
import { EngineIcon } from '../../components/EngineIcon';
import { EnvironmentTag } from '../../components/EnvironmentTag';
import { SeverityBadge } from '../../components/SeverityBadge';
import { StatusBadge } from '../../components/StatusBadge';
import { isOfPage, useAllCommands } from '../../lib/commands';
import { plural } from '../../lib/format';
import { paths } from '../../lib/paths';
import { pathOfSetting, SETTINGS_INDEX } from '../../lib/settingsIndex';
import type { Item, Mode } from './items';

const ICON = { size: 16, stroke: 1.8 };
const LEAST_TYPED = 2;
const ASK_AFTER_MS = 90;
const HERE_SHOWN = 8;
const ELSEWHERE_SHOWN = 4;
const ELSEWHERE_ASKED = 6;

/** Every entry for what is typed, in the order of their sections; the page's own actions first. */
export function useItems(query: string, mode: Mode): Item[] {
  const connection = useCurrentConnection();
  const actions = useActions();
  const connections = useConnectionItems();
  const tables = useTables(connection, query, mode);
  const migrations = useMigrations(connection, query, mode);
  const others = useOthers(connection, query, mode);
  const templates = useTemplates(connection, query, mode);
  const rules = useRules(query, mode);
  if (mode === 'actions') return actions;
  if (mode === 'connections') return connections;
  if (mode === 'tables') return tables;
  const typed = query.length >= LEAST_TYPED;
  return [
    ...actions,
    ...connections,
    ...migrations,
    ...others,
    ...(typed ? [...tables, ...templates, ...SETTINGS, ...rules] : []),
  ];
}

function useActions(): Item[] {
  const commands = useAllCommands();
  return useMemo(() => {
    const shown = commands.filter((one) => !one.hidden);
    return [...shown.filter(isOfPage), ...shown.filter((one) => !isOfPage(one))].map((one) => ({
      id: one.id,
      section: one.group,
      label: one.label,
      note: one.description,
      words: `${one.words ?? ''} ${one.group}`,
      keys: one.keys,
      icon: one.icon,
      run: one.run,
    }));
  }, [commands]);
}

function useConnectionItems(): Item[] {
  const { data } = useConnections();
  const tabs = useTabs();
  return (data?.connections ?? []).map((one) => ({
    id: `connection ${one.id}`,
    section: 'Connections',
    label: one.name,
    note: tabs.some((tab) => tab.connection === one.id) ? 'open' : undefined,
    words: `${one.environment} ${one.engine} ${one.database ?? ''} ${one.host ?? ''}`,
    icon: <EngineIcon engine={one.engine} color={one.color} />,
    mark: <EnvironmentTag environment={one.environment} short />,
    path: placeOfTab(one.id),
    run: () => showConnection(one.id),
  }));
}

function migrationItem(connection: Connection, one: Migration, isHere: boolean): Item {
  return {
    id: `migration ${connection.id} ${one.filename}`,
    section: isHere ? `Migrations of ${connection.name}` : 'Migrations elsewhere',
    label: one.name,
    note: isHere ? one.version : `${connection.name} · ${one.version}`,
    mono: isHere,
    icon: <IconFileText {...ICON} />,
    mark: <StatusBadge status={one.status} plain />,
    path: paths.editor(connection.id, one.filename),
    found: true,
  };
}

function useMigrations(connection: Connection | null, query: string, mode: Mode): Item[] {
  const [asked] = useDebouncedValue(query, ASK_AFTER_MS);
  const { data } = useChannel(
    'migration:list',
    { connection: connection?.id ?? '', query: asked, limit: HERE_SHOWN, order: 'newest' },
    {
      enabled: connection !== null && mode === 'all' && asked.length >= LEAST_TYPED,
      placeholderData: (before) => before,
    },
  );
  if (!connection || query.length < LEAST_TYPED) return [];
  return (data?.migrations ?? []).map((one) => migrationItem(connection, one, true));
}

/** Only servers that have answered before are asked: one that does not would hold up all. */
function useOthers(connection: Connection | null, query: string, mode: Mode): Item[] {
  const [asked] = useDebouncedValue(query, 2 * ASK_AFTER_MS);
  const client = useQueryClient();
  const { data } = useConnections();
  const others = (data?.connections ?? [])
    .filter((one) => one.id !== connection?.id)
    .filter(
      (one) =>
        client.getQueryState(channelKey('connection:test', { connection: one.id }))?.status === 'success',
    )
    .slice(0, ELSEWHERE_ASKED);
  const answers = useQueries({
    queries: others.map((one) => {
      const payload = { connection: one.id, query: asked, limit: ELSEWHERE_SHOWN, order: 'newest' as const };
      return {
        queryKey: channelKey('migration:list', payload),
        queryFn: () => invoke('migration:list', payload),
        enabled: mode === 'all' && asked.length >= LEAST_TYPED,
        retry: false,
      };
    }),
  });
  if (query.length < LEAST_TYPED || asked !== query) return [];
  return others.flatMap((one, at) =>
    (answers[at]?.data?.migrations ?? []).map((migration) => migrationItem(one, migration, false)),
  );
}

function useTables(connection: Connection | null, query: string, mode: Mode): Item[] {
  const wanted = mode === 'tables' || (mode === 'all' && query.length >= LEAST_TYPED);
  const { data } = useChannel(
    'schema:catalog',
    { connection: connection?.id ?? '' },
    { enabled: connection !== null && wanted, staleTime: 60_000 },
  );
  return useMemo(() => {
    if (!connection) return [];
    return (data?.tables ?? []).map((one) => {
      const name =
        one.schema_name && one.schema_name !== data?.default_schema
          ? `${one.schema_name}.${one.name}`
          : one.name;
      return {
        id: `table ${connection.id} ${name}`,
        section: `Tables of ${connection.name}`,
        label: name,
        note: plural(one.columns.length, one.kind === 'collection' ? 'field' : 'column'),
        words: one.kind,
        icon: <IconTable {...ICON} />,
        path: paths.tables(connection.id, name),
      };
    });
  }, [connection, data]);
}

function useTemplates(connection: Connection | null, query: string, mode: Mode): Item[] {
  const { data } = useChannel(
    'template:list',
    { connection: connection?.id ?? '' },
    { enabled: connection !== null && mode === 'all' && query.length >= LEAST_TYPED, staleTime: 60_000 },
  );
  return useMemo(() => {
    if (!connection) return [];
    return (data?.templates ?? []).map((one) => ({
      id: `template ${one.id}`,
      section: 'New migration from a template',
      label: one.title,
      note: one.group,
      words: `${one.id} template new`,
      icon: <IconTemplate {...ICON} />,
      path: `${paths.newMigration(connection.id)}?template=${encodeURIComponent(one.id)}`,
    }));
  }, [connection, data]);
}

const SETTINGS: Item[] = SETTINGS_INDEX.map((one) => ({
  id: `setting ${one.section} ${one.label}`,
  section: 'Settings',
  label: one.label,
  note: one.section,
  words: `settings ${one.words ?? ''}`,
  icon: <IconSettings {...ICON} />,
  path: pathOfSetting(one),
}));

function useRules(query: string, mode: Mode): Item[] {
  const { data: rules } = useRuleList(mode === 'all' && query.length >= LEAST_TYPED);
  return useMemo(
    () =>
      (rules ?? []).map((one) => ({
        id: `rule ${one.code}`,
        section: 'Rules',
        label: one.title,
        note: one.code,
        words: `rule ${one.engines.join(' ')}`,
        icon: <IconShieldCheck {...ICON} />,
        mark: <SeverityBadge level={one.severity} plain />,
        path: paths.rule(one.code),
      })),
    [rules],
  );
}
