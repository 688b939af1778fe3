-- migrate:up
CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body TEXT,
  written_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX reviews_by_product ON reviews (product_id);

-- migrate:down
DROP TABLE reviews;
