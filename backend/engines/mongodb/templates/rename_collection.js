// title: Rename a collection
// group: Collections
// description: Gives a collection another name.
// safe: Code that runs now still uses the old name.
// name: rename_{{collection}}_to_{{new_name}}
// field collection: table | Collection
// field new_name: new-table | New name
// example collection: orders
// example new_name: sales

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).rename({{new_name}});
  },

  async down(db, client) {
    await db.collection({{new_name}}).rename({{collection}});
  },
};
