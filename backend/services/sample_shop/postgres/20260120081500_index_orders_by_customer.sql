-- migrate:up
CREATE INDEX orders_by_customer ON orders (customer_id, ordered_at);

-- migrate:down
DROP INDEX orders_by_customer;
