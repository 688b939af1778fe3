// title: Create a collection with a schema
// group: Collections
// description: Makes a collection that refuses documents of another form.
// name: create_{{collection}}
// field collection: new-table | New collection
// field fields: column-list | Fields | Their BSON types
// field required: values = [] | Required fields
// example collection: invoices
// example fields: [{"name": "title", "type": "string"}, {"name": "it's \"x\"", "type": "int"}]
// example required: ["title"]

module.exports = {
  async up(db, client) {
    await db.createCollection({{collection}}, {
      validator: {
        $jsonSchema: {
          bsonType: "object",
    {{#required}}
          required: [{{required}}],
    {{/required}}
          properties: {
            {{fields}}
          },
        },
      },
    });
  },

  async down(db, client) {
    await db.collection({{collection}}).drop();
  },
};
