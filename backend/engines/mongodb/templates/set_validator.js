// title: Set a validation schema
// group: Collections
// description: Refuses documents that do not fit a JSON schema; down puts back what was there before.
// safe: Count first the documents that would fail.
// name: validate_{{collection}}
// field collection: table | Collection
// field schema: json | $jsonSchema
// field level: choice(strict, moderate) = moderate | Level | moderate leaves documents that do not fit already alone
// field action: choice(error, warn) = error | Action
// example collection: orders
// example schema: {"bsonType": "object", "properties": {"total": {"bsonType": "int"}}}
// example level: strict
// example action: warn

module.exports = {
  async up(db, client) {
    await db.command({
      collMod: {{collection}},
      validator: { $jsonSchema: {{schema}} },
      validationLevel: {{level|literal}},
      validationAction: {{action|literal}},
    });
  },

  async down(db, client) {
    // As it was before.
    await db.command({ collMod: {{collection}}, ...{{collection|rules}} });
  },
};
