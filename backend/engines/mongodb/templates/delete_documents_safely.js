// title: Delete documents and keep a copy
// group: Data
// description: Copies the documents that match into another collection, then deletes them; down brings them back.
// safe: Drop the copy once you are sure; until then down loses nothing.
// name: delete_from_{{collection}}
// field collection: table | Collection
// field filter: json | Documents that match
// field kept: new-table = {{collection}}_deleted | Collection that keeps them
// example collection: orders
// example filter: {"total": {"$gt": 3}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).aggregate([{ $match: {{filter}} }, { $out: {{kept}} }]).toArray();
    await db.collection({{collection}}).deleteMany({{filter}});
  },

  async down(db, client) {
    const kept = await db.collection({{kept}}).find().toArray();
    if (kept.length > 0) await db.collection({{collection}}).insertMany(kept);
    if (await db.listCollections({ name: {{kept}} }).hasNext()) await db.collection({{kept}}).drop();
  },
};
