// title: Transform data in batches
// group: Fields
// description: Sets fields in a large collection piece by piece by _id, so that it can be stopped and run again.
// safe: Stopped half way, what is done stays, and it can be run again.
// name: transform_{{collection}}
// field collection: table | Collection
// field set: json | Fields to set | As $set takes them
// field filter: json = {} | Only documents that match
// field batch: number = 1000 | Documents at a time
// example collection: orders
// example set: {"checked": true}
// example filter: {"total": {"$gt": 0}}
// example batch: 2

module.exports = {
  async up(db, client) {
    const collection = db.collection({{collection}});
    let last = null;
    for (;;) {
      const filter = last === null ? {{filter}} : { $and: [{{filter}}, { _id: { $gt: last } }] };
      const found = await collection.find(filter).project({ _id: 1 }).sort({ _id: 1 }).limit({{batch}}).toArray();
      if (found.length === 0) break;
      last = found[found.length - 1]._id;
      await collection.updateMany({ _id: { $in: found.map((one) => one._id) } }, { $set: {{set}} });
    }
  },

  async down(db, client) {
    // The values that were there before are not known.
    await db.collection({{collection}}).estimatedDocumentCount();
  },
};
