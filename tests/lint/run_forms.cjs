// Runs each case's setup and safe form on a database of its own, and tells what is there afterwards.
// Standard input: {url, modules, prefix, cases: [{id, setup, form}]}; standard output: {id: {error, collections}}.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

const given = JSON.parse(readFileSync(0, 'utf8'));
const { MongoClient } = createRequire(`${given.modules}/x.js`)('mongodb');
const AsyncFunction = (async () => {}).constructor;

(async () => {
  const client = await MongoClient.connect(given.url);
  const told = {};
  console.log = () => {};
  for (const [number, one] of given.cases.entries()) {
    const db = client.db(`${given.prefix}_${number}`);
    const result = { error: null, collections: {} };
    try {
      await new AsyncFunction('db', 'client', 'require', one.setup)(db, client, require);
      await new AsyncFunction('db', 'client', 'require', '__dirname', one.form)(db, client, require, given.folder);
    } catch (error) {
      result.error = String(error);
    }
    for (const { name } of await db.listCollections().toArray()) {
      const found = db.collection(name);
      result.collections[name] = { count: await found.countDocuments({}), one: await found.findOne({}) };
    }
    told[one.id] = result;
    await db.dropDatabase();
  }
  await client.close();
  process.stdout.write(JSON.stringify(told));
})();
