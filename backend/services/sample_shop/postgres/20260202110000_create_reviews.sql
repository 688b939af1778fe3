-- migrate:up
CREATE TABLE reviews (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id bigint NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  customer_id bigint NOT NULL REFERENCES customers (id),
  stars integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
  body text,
  written_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX reviews_by_product ON reviews (product_id);

-- migrate:down
DROP TABLE reviews;
