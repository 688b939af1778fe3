// title: Create an index
// group: Indexes
// description: Makes an index on one field.
// safe: Building it reads the whole collection: do it when there is little to do.
// name: index_{{field}}_of_{{collection}}
// field collection: table | Collection
// field field: column of collection | Field
// field order: choice(1, -1) = 1 | Order | 1 rising, -1 falling
// field index: name = {{field}}_idx | Name of the index
// example collection: orders
// example field: total
// example order: -1

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).createIndex({ {{field}}: {{order}} }, { name: {{index}} });
  },

  async down(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },
};
