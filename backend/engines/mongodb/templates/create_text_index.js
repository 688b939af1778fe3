// title: Create a text index
// group: Indexes
// description: Makes an index for $text searches; a collection can have one.
// safe: Building it reads the whole collection: do it when there is little to do.
// name: text_index_of_{{collection}}
// field collection: table | Collection
// field fields: columns of collection | Fields
// field language: text = english | Language
// field index: name = {{collection}}_text | Name of the index
// example collection: orders
// example fields: ["note"]
// example language: none

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).createIndex(
      Object.fromEntries([{{fields}}].map((field) => [field, "text"])),
      { name: {{index}}, default_language: {{language}} },
    );
  },

  async down(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },
};
