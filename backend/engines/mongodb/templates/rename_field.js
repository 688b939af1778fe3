// title: Rename a field
// group: Fields
// description: Gives a field another name in every document.
// safe: Code that runs now still uses the old name: write both for a while. A field of the new name is overwritten.
// name: rename_{{field}}_of_{{collection}}
// field collection: table | Collection
// field field: column of collection | Field
// field new_name: name | New name
// example collection: orders
// example field: note
// example new_name: remark

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).updateMany({ {{field}}: { $exists: true } }, { $rename: { {{field}}: {{new_name}} } });
  },

  async down(db, client) {
    await db.collection({{collection}}).updateMany({ {{new_name}}: { $exists: true } }, { $rename: { {{new_name}}: {{field}} } });
  },
};
