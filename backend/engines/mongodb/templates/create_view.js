// title: Create a view
// group: Collections
// description: Makes a view of an aggregation.
// name: create_view_{{view}}
// field view: new-table | Name of the view
// field collection: table | Of collection
// field pipeline: json | Pipeline
// example view: open_orders
// example collection: orders
// example pipeline: [{"$match": {"total": {"$gt": 0}}}]

module.exports = {
  async up(db, client) {
    await db.createCollection({{view}}, { viewOn: {{collection}}, pipeline: {{pipeline}} });
  },

  async down(db, client) {
    await db.collection({{view}}).drop();
  },
};
