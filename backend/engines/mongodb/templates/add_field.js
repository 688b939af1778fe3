// title: Add a field
// group: Fields
// description: Gives every document that lacks it a field; down takes it out of all.
// safe: Every document is written: on a large collection take the batched form.
// name: add_{{field}}_to_{{collection}}
// field collection: table | Collection
// field field: name | New field
// field value: value | Value
// field filter: json = {} | Only documents that match
// example collection: orders
// example field: nickname
// example value: "it's \"x\""
// example filter: {"total": {"$gt": 0}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).updateMany(
      { $and: [{{filter}}, { {{field}}: { $exists: false } }] },
      { $set: { {{field}}: {{value}} } },
    );
  },

  async down(db, client) {
    await db.collection({{collection}}).updateMany({{filter}}, { $unset: { {{field}}: "" } });
  },
};
