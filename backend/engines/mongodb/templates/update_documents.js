// title: Update documents
// group: Data
// description: Changes the documents that match.
// safe: An empty or unindexed filter reads the whole collection.
// name: update_{{collection}}
// field collection: table | Collection
// field filter: json | Documents that match
// field update: json | Update | With operators, for example {"$set": …}
// field back: json, optional | Update for down
// example collection: orders
// example filter: {"total": {"$gt": 0}}
// example update: {"$inc": {"total": 1}}
// example back: {"$inc": {"total": -1}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).updateMany({{filter}}, {{update}});
  },

  async down(db, client) {
    {{#back}}
    await db.collection({{collection}}).updateMany({{filter}}, {{back}});
    {{/back}}
    {{^back}}
    // The values that were there before are not known.
    await db.collection({{collection}}).estimatedDocumentCount();
    {{/back}}
  },
};
