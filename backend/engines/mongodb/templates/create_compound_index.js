// title: Create a compound index
// group: Indexes
// description: Makes an index on several fields; their order matters.
// safe: Building it reads the whole collection: do it when there is little to do.
// name: index_{{fields}}_of_{{collection}}
// field collection: table | Collection
// field fields: keys of collection | Fields
// field index: name = {{fields}}_idx | Name of the index
// field filter: json, optional | Only documents that match
// example collection: orders
// example fields: ["status", {"name": "total", "descending": true}]
// example filter: {"total": {"$gt": 0}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).createIndex({{fields}}, { name: {{index}}{{#filter}}, partialFilterExpression: {{filter}}{{/filter}} });
  },

  async down(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },
};
