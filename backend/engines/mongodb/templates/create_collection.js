// title: Create a collection
// group: Collections
// description: Makes an empty collection.
// safe: Down drops the collection with its documents.
// name: create_{{collection}}
// field collection: new-table | New collection
// field options: json = {} | Options | As createCollection takes them: capped, timeseries, collation …
// example collection: invoices
// example options: {"capped": true, "size": 65536}

module.exports = {
  async up(db, client) {
    await db.createCollection({{collection}}{{#options}}, {{options}}{{/options}});
  },

  async down(db, client) {
    await db.collection({{collection}}).drop();
  },
};
