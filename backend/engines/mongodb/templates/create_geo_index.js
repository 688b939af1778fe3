// title: Create a geospatial index
// group: Indexes
// description: Makes an index for places ($near, $geoWithin).
// safe: Fails where a document holds something else in that field.
// name: geo_index_{{field}}_of_{{collection}}
// field collection: table | Collection
// field field: column of collection | Field with GeoJSON
// field kind: choice(2dsphere, 2d) = 2dsphere | Kind
// field index: name = {{field}}_geo | Name of the index
// example collection: orders
// example field: place

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).createIndex({ {{field}}: {{kind|literal}} }, { name: {{index}} });
  },

  async down(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },
};
