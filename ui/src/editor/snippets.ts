/** Pieces to start from, per dialect, in Monaco's snippet grammar (`${1:name}`; `$0` is where the cursor ends). */
import type { Dialect } from './languages';

export interface Snippet {
  name: string;
  about: string;
  up: string;
  /** What undoes it: inserted into the down half where that is empty. */
  down?: string;
}

const ID: Record<Exclude<Dialect, 'mongodb'>, string> = {
  postgres: 'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  mysql: 'id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY',
  sqlite: 'id INTEGER PRIMARY KEY',
  clickhouse: 'id UInt64',
  bigquery: 'id STRING NOT NULL',
  spanner: 'id STRING(36) NOT NULL',
};

const STAMP: Record<Exclude<Dialect, 'mongodb'>, string> = {
  postgres: 'created_at timestamptz NOT NULL DEFAULT now()',
  mysql: 'created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
  sqlite: 'created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP',
  clickhouse: 'created_at DateTime DEFAULT now()',
  bigquery: 'created_at TIMESTAMP NOT NULL',
  spanner: 'created_at TIMESTAMP NOT NULL OPTIONS (allow_commit_timestamp = true)',
};

const TAIL: Partial<Record<Dialect, string>> = {
  clickhouse: '\nENGINE = MergeTree\nORDER BY (id)',
  spanner: ' PRIMARY KEY (id)',
};

function common(dialect: Exclude<Dialect, 'mongodb'>): Snippet[] {
  const text = {
    postgres: 'text',
    mysql: 'VARCHAR(255)',
    sqlite: 'TEXT',
    clickhouse: 'String',
    bigquery: 'STRING',
  };
  const type = dialect === 'spanner' ? 'STRING(MAX)' : text[dialect];
  const required = dialect === 'clickhouse' ? '' : ' NOT NULL';
  const drop =
    dialect === 'mysql'
      ? 'DROP INDEX ${1:table}_${2:column} ON ${1:table};'
      : 'DROP INDEX ${1:table}_${2:column};';
  const found: Snippet[] = [
    {
      name: 'Create a table',
      about: 'With a key and a time of creation',
      up: `CREATE TABLE \${1:name} (\n  ${ID[dialect]},\n  \${2:title} ${type}${required},\n  ${STAMP[dialect]}\n)${TAIL[dialect] ?? ''};\n$0`,
      down: 'DROP TABLE ${1:name};\n',
    },
    {
      name: 'Add a column',
      about: 'Nullable, so that rows that are there stay valid',
      up: `ALTER TABLE \${1:table} ADD COLUMN \${2:column} ${type};\n$0`,
      down: 'ALTER TABLE ${1:table} DROP COLUMN ${2:column};\n',
    },
    {
      name: 'Rename a column',
      about: 'Readers of the old name break: deploy in steps',
      up: 'ALTER TABLE ${1:table} RENAME COLUMN ${2:old} TO ${3:new};\n$0',
      down: 'ALTER TABLE ${1:table} RENAME COLUMN ${3:new} TO ${2:old};\n',
    },
    {
      name: 'Create a view',
      about: 'A query with a name',
      up: 'CREATE VIEW ${1:name} AS\nSELECT ${2:*}\nFROM ${3:table};\n$0',
      down: 'DROP VIEW ${1:name};\n',
    },
  ];
  if (dialect !== 'clickhouse' && dialect !== 'bigquery') {
    found.splice(2, 0, {
      name: 'Create an index',
      about: dialect === 'postgres' ? 'Blocks writes while it builds' : 'To find rows by a column',
      up: 'CREATE INDEX ${1:table}_${2:column} ON ${1:table} (${2:column});\n$0',
      down: `${drop}\n`,
    });
  }
  return found;
}

const OWN: Partial<Record<Dialect, Snippet[]>> = {
  postgres: [
    {
      name: 'Create an index without blocking',
      about: 'CONCURRENTLY cannot run in a transaction: switch it off',
      up: 'CREATE INDEX CONCURRENTLY ${1:table}_${2:column} ON ${1:table} (${2:column});\n$0',
      down: 'DROP INDEX CONCURRENTLY ${1:table}_${2:column};\n',
    },
    {
      name: 'Add a foreign key in two steps',
      about: 'NOT VALID takes a short lock, VALIDATE reads without blocking writes',
      up: 'ALTER TABLE ${1:table} ADD CONSTRAINT ${1:table}_${2:column}_fkey\n  FOREIGN KEY (${2:column}) REFERENCES ${3:other} (id) NOT VALID;\nALTER TABLE ${1:table} VALIDATE CONSTRAINT ${1:table}_${2:column}_fkey;\n$0',
      down: 'ALTER TABLE ${1:table} DROP CONSTRAINT ${1:table}_${2:column}_fkey;\n',
    },
    {
      name: 'Create an enum type',
      about: 'Values can be added later, not removed',
      up: "CREATE TYPE ${1:name} AS ENUM ('${2:open}', '${3:closed}');\n$0",
      down: 'DROP TYPE ${1:name};\n',
    },
    {
      name: 'Wait for locks only briefly',
      about: 'So that a blocked migration does not block everybody else',
      up: "SET LOCAL lock_timeout = '${1:5s}';\n$0",
    },
  ],
  mysql: [
    {
      name: 'Add an index in place',
      about: 'Reads and writes go on while it builds',
      up: 'ALTER TABLE ${1:table}\n  ADD INDEX ${1:table}_${2:column} (${2:column}),\n  ALGORITHM=INPLACE, LOCK=NONE;\n$0',
      down: 'ALTER TABLE ${1:table} DROP INDEX ${1:table}_${2:column};\n',
    },
    {
      name: 'Add a foreign key',
      about: 'Existing rows are checked at once',
      up: 'ALTER TABLE ${1:table}\n  ADD CONSTRAINT ${1:table}_${2:column}_fk FOREIGN KEY (${2:column}) REFERENCES ${3:other} (id);\n$0',
      down: 'ALTER TABLE ${1:table} DROP FOREIGN KEY ${1:table}_${2:column}_fk;\n',
    },
  ],
  sqlite: [
    {
      name: 'Rebuild a table',
      about: 'For changes that ALTER TABLE cannot make',
      up: 'CREATE TABLE ${1:table}_new (\n  id INTEGER PRIMARY KEY,\n  ${2:column} TEXT\n);\nINSERT INTO ${1:table}_new (id, ${2:column}) SELECT id, ${2:column} FROM ${1:table};\nDROP TABLE ${1:table};\nALTER TABLE ${1:table}_new RENAME TO ${1:table};\n$0',
    },
  ],
};

const MONGO: Snippet[] = [
  {
    name: 'Create a collection',
    about: 'With a validator',
    up: 'await db.createCollection("${1:name}", {\n  validator: {\n    \\$jsonSchema: {\n      bsonType: "object",\n      required: ["${2:title}"],\n      properties: { ${2:title}: { bsonType: "string" } },\n    },\n  },\n});\n$0',
    down: 'await db.collection("${1:name}").drop();\n',
  },
  {
    name: 'Create an index',
    about: 'Unique, to find documents by a field',
    up: 'await db.collection("${1:name}").createIndex({ ${2:field}: 1 }, { unique: ${3:true}, name: "${2:field}_1" });\n$0',
    down: 'await db.collection("${1:name}").dropIndex("${2:field}_1");\n',
  },
  {
    name: 'Set a field everywhere',
    about: 'Where it is not there yet',
    up: 'await db.collection("${1:name}").updateMany(\n  { ${2:field}: { \\$exists: false } },\n  { \\$set: { ${2:field}: ${3:null} } },\n);\n$0',
    down: 'await db.collection("${1:name}").updateMany({}, { \\$unset: { ${2:field}: "" } });\n',
  },
  {
    name: 'Rename a field',
    about: 'In every document that has it',
    up: 'await db.collection("${1:name}").updateMany(\n  { ${2:old}: { \\$exists: true } },\n  { \\$rename: { ${2:old}: "${3:new}" } },\n);\n$0',
    down: 'await db.collection("${1:name}").updateMany(\n  { ${3:new}: { \\$exists: true } },\n  { \\$rename: { ${3:new}: "${2:old}" } },\n);\n',
  },
  {
    name: 'In a transaction',
    about: 'Needs a replica set',
    up: 'const session = client.startSession();\ntry {\n  await session.withTransaction(async () => {\n    await db.collection("${1:name}").insertOne({ ${2:field}: 1 }, { session });\n  });\n} finally {\n  await session.endSession();\n}\n$0',
  },
];

export const snippetsOf = (dialect: Dialect): Snippet[] =>
  dialect === 'mongodb' ? MONGO : [...common(dialect), ...(OWN[dialect] ?? [])];
