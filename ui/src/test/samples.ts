/** Connections and engines as the backend answers them, for tests to vary. */
import type {
  Connection,
  ConnectionTest,
  EngineInfo,
  Migration,
  Settings,
  UrlField,
} from '../api/types.generated';

export const aConnection = (change: Partial<Connection> = {}): Connection => ({
  id: 'shop',
  name: 'shop',
  engine: 'postgres',
  tool: 'dbmate',
  url: 'postgres://ada:***@localhost:5432/shop',
  environment: 'development',
  read_only: false,
  color: null,
  migrations_dir: '/home/ada/DB-Toolkit/connections/shop/migrations',
  migrations_dirs: ['/home/ada/DB-Toolkit/connections/shop/migrations'],
  schema_file: '/home/ada/DB-Toolkit/connections/shop/schema.sql',
  migrations_table: 'schema_migrations',
  adopted: false,
  folder: '/home/ada/DB-Toolkit/connections/shop',
  secret: 'keychain',
  database: 'shop',
  host: 'localhost',
  warnings: [],
  sample: false,
  ...change,
});

export const aTest = (change: Partial<ConnectionTest> = {}): ConnectionTest => ({
  product: 'PostgreSQL',
  version: '18.1',
  latency_ms: 3.2,
  database_exists: true,
  read_only: false,
  notes: [],
  tools: [{ name: 'dbmate', version: '2.37.0', path: '/opt/dbmate', ok: true, problem: null }],
  ...change,
});

export const aField = (change: Partial<UrlField> & { name: string; label: string }): UrlField => ({
  kind: 'text',
  required: false,
  default: null,
  placeholder: null,
  choices: [],
  help: null,
  advanced: false,
  ...change,
});

export const anEngine = (change: Partial<EngineInfo> = {}): EngineInfo => ({
  name: 'postgres',
  label: 'PostgreSQL',
  tool: 'dbmate',
  schemes: ['postgres', 'postgresql'],
  default_port: 5432,
  url_example: 'postgres://user:password@localhost:5432/shop',
  file_language: 'sql',
  fields: [
    aField({ name: 'host', label: 'Host', required: true, default: 'localhost' }),
    aField({ name: 'port', label: 'Port', kind: 'number', default: '5432' }),
    aField({ name: 'user', label: 'User' }),
    aField({ name: 'password', label: 'Password', kind: 'password' }),
    aField({ name: 'database', label: 'Database', required: true }),
    aField({
      name: 'sslmode',
      label: 'TLS',
      kind: 'choice',
      choices: ['', 'disable', 'require'],
      advanced: true,
    }),
  ],
  capabilities: {
    create_database: { supported: true, reason: null },
    drop_database: { supported: true, reason: null },
    dump_schema: { supported: true, reason: null },
    load_schema: { supported: true, reason: null },
    catalog: { supported: true, reason: null },
    collections: { supported: false, reason: 'Collections are MongoDB’s; PostgreSQL has tables.' },
  },
  available: true,
  problem: null,
  ...change,
});

export const SETTINGS: Settings = {
  theme: 'light',
  keychain: 'auto',
  author: null,
  editor: {
    font_size: 13,
    word_wrap: false,
    minimap: false,
    tab_size: 2,
    format_on_save: false,
    layout: 'split',
  },
  safety: {
    lock_timeout_s: 30,
    connect_timeout_s: 10,
    allow_out_of_order: false,
    dump_schema_after_run: true,
  },
  lint: { disabled: [] },
  ui: {},
};

export const aMigration = (change: Partial<Migration> = {}): Migration => ({
  version: '20260117120000',
  name: 'create users',
  filename: '20260117120000_create_users.sql',
  path: '/home/ada/DB-Toolkit/connections/shop/migrations/20260117120000_create_users.sql',
  status: 'pending',
  flags: [],
  applied_at: null,
  duration_ms: null,
  author: null,
  has_down: true,
  tables: [],
  sha256: null,
  error: null,
  transaction: true,
  size_bytes: 120,
  modified_at: null,
  problems: [],
  ...change,
});
