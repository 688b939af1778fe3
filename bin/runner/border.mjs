// What a command may touch in a rehearsal: one database, and of the server as a whole only what is read.

const ANY_DATABASE = new Set(
  `hello isMaster ismaster ping buildInfo buildinfo saslStart saslContinue authenticate logout endSessions
   refreshSessions commitTransaction abortTransaction`.split(/\s+/),
);
const READS_THE_SERVER = new Set(
  `listDatabases serverStatus connectionStatus hostInfo getParameter getCmdLineOpts replSetGetStatus listCommands top
   usersInfo rolesInfo whatsmyuri features currentOp getLog`.split(/\s+/),
);
const CHANGES_THE_SERVER = /^(create|update|drop)(User|Role)|^(grant|revoke)|^dropAll(Users|Roles)|^setProfilingLevel$|^profile$|^applyOps$|^kill(All)?Sessions/;
const NAMES_A_COLLECTION = new Set(["shardCollection", "reshardCollection", "enableSharding", "refineCollectionShardKey"]);

/** Why a command must not be sent, in plain words; null where it may. `own` is the rehearsal's database. */
export function refusal(command, own) {
  const [name] = Object.keys(command);
  const database = String(command.$db ?? "");
  if (ANY_DATABASE.has(name)) return null;
  if (CHANGES_THE_SERVER.test(name)) return `${name} changes the whole server`;
  const other = elsewhere(name, command, database, own);
  if (other) return `${name} would work in the database ${other}, which is not the scratch`;
  if (database === own) return null;
  if (READS_THE_SERVER.has(name) || ["renameCollection", "bulkWrite"].includes(name)) return null;
  if (NAMES_A_COLLECTION.has(name)) return null;
  if (name === "aggregate" && database === "admin" && command.aggregate === 1) return null;
  return `${name} changes the whole server`;
}

/** The database, not one's own, that a command names; undefined where there is none. */
function elsewhere(name, command, database, own) {
  const named = [];
  if (database !== own && database !== "admin") named.push(database);
  if (name === "renameCollection") named.push(of(command.renameCollection), of(command.to));
  if (NAMES_A_COLLECTION.has(name)) named.push(of(command[name]));
  if (name === "bulkWrite") named.push(...(command.nsInfo ?? []).map(({ ns }) => of(ns)));
  if (name === "killCursors" || name === "getMore") named.push(database);
  if (name === "mapReduce" || name === "mapreduce") named.push(command.out?.db ?? own);
  if (name === "aggregate") named.push(...stages(command.pipeline).map((stage) => written(stage) ?? own));
  if (database === "admin" && typeof command[name] === "string" && !NAMES_A_COLLECTION.has(name) && name !== "renameCollection") {
    named.push("admin"); // a collection of the server's own
  }
  return named.find((one) => one !== own);
}

const of = (namespace) => String(namespace).split(".")[0];

function* flat(pipeline) {
  for (const stage of Array.isArray(pipeline) ? pipeline : []) {
    yield stage;
    for (const value of Object.values(stage ?? {})) {
      if (Array.isArray(value?.pipeline)) yield* flat(value.pipeline);
    }
  }
}

const stages = (pipeline) => [...flat(pipeline)];

/** The database that $out, $merge, $lookup and $unionWith name. */
function written(stage) {
  return stage?.$out?.db ?? stage?.$merge?.into?.db ?? stage?.$lookup?.from?.db ?? stage?.$graphLookup?.from?.db;
}
