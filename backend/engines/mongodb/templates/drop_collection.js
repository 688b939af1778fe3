// title: Drop a collection
// group: Collections
// description: Drops a collection with all its documents.
// safe: The documents are gone for good: down makes the collection with its options and indexes again, empty. Take a backup first.
// destructive: yes
// name: drop_{{collection}}
// field collection: table | Collection
// example collection: orders

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).drop();
  },

  async down(db, client) {
    // The collection as it was; its documents cannot be brought back.
    {{collection|definition}}
  },
};
