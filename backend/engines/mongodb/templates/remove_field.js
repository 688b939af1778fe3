// title: Remove a field
// group: Fields
// description: Takes a field out of every document.
// safe: What the field holds is gone for good; the form that renames it can be undone.
// destructive: yes
// name: remove_{{field}}_from_{{collection}}
// field collection: table | Collection
// field field: column of collection | Field
// field filter: json = {} | Only documents that match
// example collection: orders
// example field: note
// example filter: {"total": {"$gt": 0}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).updateMany({{filter}}, { $unset: { {{field}}: "" } });
  },

  async down(db, client) {
    // What the field held cannot be brought back.
    await db.collection({{collection}}).estimatedDocumentCount();
  },
};
