// title: Drop an index
// group: Indexes
// description: Drops an index; down makes it again.
// safe: Hide it first (collMod index hidden: true) and watch; making it again on a large collection takes long.
// name: drop_index_{{index}}
// field collection: table | Collection
// field index: index of collection | Index
// example collection: orders
// example index: orders_status_idx

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },

  async down(db, client) {
    {{index|definition}}
  },
};
