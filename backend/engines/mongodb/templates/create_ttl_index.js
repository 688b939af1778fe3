// title: Delete old documents by themselves
// group: Indexes
// description: Makes a TTL index: documents go some time after a date in them.
// safe: What is expired already is deleted at once: count it first. Down brings nothing back.
// destructive: yes
// name: ttl_{{field}}_of_{{collection}}
// field collection: table | Collection
// field field: column of collection | Date field
// field seconds: number | After seconds
// field index: name = {{field}}_ttl | Name of the index
// example collection: orders
// example field: at
// example seconds: 2000000000

module.exports = {
  async up(db, client) {
    await db.collection({{collection}}).createIndex({ {{field}}: 1 }, { name: {{index}}, expireAfterSeconds: {{seconds}} });
  },

  async down(db, client) {
    await db.collection({{collection}}).dropIndex({{index}});
  },
};
