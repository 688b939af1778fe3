// title: Create a unique index
// group: Indexes
// description: Refuses a second document with the same values.
// safe: Fails where there are duplicates: count them first with $group.
// name: unique_{{fields}}_of_{{collection}}
// field collection: table | Collection
// field fields: keys of collection | Fields
// field index: name = {{fields}}_idx | Name of the index
// field filter: json, optional | Only documents that match
// example collection: orders
// example fields: ["id"]
// example filter: {"total": {"$gt": 0}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).createIndex({{fields}}, { name: {{index}}, unique: true{{#filter}}, partialFilterExpression: {{filter}}{{/filter}} });
  },

  async down(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },
};
