// title: Transform data
// group: Fields
// description: Computes a field anew from the document, by an aggregation expression.
// name: transform_{{field}}_of_{{collection}}
// field collection: table | Collection
// field field: column of collection | Field
// field expression: json | Expression | For example {"$toInt": "$total"}
// field back: json, optional | Back again, for down
// field filter: json = {} | Only documents that match
// example collection: orders
// example field: total
// example expression: {"$add": ["$total", 1]}
// example back: {"$subtract": ["$total", 1]}
// example filter: {"total": {"$gt": 0}}

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).updateMany({{filter}}, [{ $set: { {{field}}: {{expression}} } }]);
  },

  async down(db, client) {
    {{#back}}
    await db.collection({{collection}}).updateMany({{filter}}, [{ $set: { {{field}}: {{back}} } }]);
    {{/back}}
    {{^back}}
    // The values that were there before are not known.
    await db.collection({{collection}}).estimatedDocumentCount();
    {{/back}}
  },
};
