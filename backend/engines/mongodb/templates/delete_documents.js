// title: Delete documents
// group: Data
// description: Deletes the documents that match.
// safe: The documents are gone for good; the form that keeps them can be undone.
// destructive: yes
// name: delete_from_{{collection}}
// field collection: table | Collection
// field filter: json | Documents that match
// example collection: orders
// example filter: {"total": {"$gt": 3}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).deleteMany({{filter}});
  },

  async down(db, client) {
    // The documents cannot be brought back.
    await db.collection({{collection}}).estimatedDocumentCount();
  },
};
