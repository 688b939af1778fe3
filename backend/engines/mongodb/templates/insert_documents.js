// title: Insert documents
// group: Data
// description: Inserts documents; down deletes exactly those.
// safe: Down deletes documents that look just like these, also one that was there before.
// name: seed_{{collection}}
// field collection: table | Collection
// field documents: json | Documents
// example collection: orders
// example documents: [{"id": 101, "status": "it's \"x\" \\ `${y}`"}, {"id": 102, "status": "Käse"}]

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).insertMany({{documents}});
  },

  async down(db, client) {
    for (const document of {{documents}}) {
      await db.collection({{collection}}).deleteOne(document);
    }
  },
};
