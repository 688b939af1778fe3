-- migrate:up
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  in_stock INTEGER NOT NULL DEFAULT 0
);

-- migrate:down
DROP TABLE products;
