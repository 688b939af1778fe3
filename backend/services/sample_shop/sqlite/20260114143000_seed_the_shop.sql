-- migrate:up
INSERT INTO customers (name, email) VALUES
  ('Ada Lovelace', 'ada@example.com'),
  ('Grace Hopper', 'grace@example.com'),
  ('Edsger Dijkstra', 'edsger@example.com'),
  ('Barbara Liskov', 'barbara@example.com'),
  ('Donald Knuth', 'donald@example.com');

INSERT INTO products (sku, title, price_cents, in_stock) VALUES
  ('MUG-01', 'Mug, "it works on my machine"', 1290, 42),
  ('TEE-01', 'T-shirt; soft, grey', 2400, 17),
  ('STK-01', 'Stickers (20)', 650, 230),
  ('BK-001', 'Notebook, dotted', 980, 64);

INSERT INTO orders (customer_id, status) VALUES (1, 'paid'), (2, 'shipped'), (1, 'open'), (4, 'paid'), (5, 'cancelled');

INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES
  (1, 1, 2, 1290), (1, 3, 1, 650), (2, 2, 1, 2400), (3, 4, 3, 980), (4, 1, 1, 1290), (4, 2, 2, 2400), (5, 3, 4, 650);

-- migrate:down
DELETE FROM order_items WHERE order_id BETWEEN 1 AND 5;
DELETE FROM orders WHERE id BETWEEN 1 AND 5;
DELETE FROM products WHERE sku IN ('MUG-01', 'TEE-01', 'STK-01', 'BK-001');
DELETE FROM customers WHERE email LIKE '%@example.com';
