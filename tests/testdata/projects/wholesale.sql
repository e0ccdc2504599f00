-- In the shape of a wholesaler's office: numbers without a sequence, codes, pictures, a chart of who reports to whom.
CREATE TABLE customers (customer_id char(5) PRIMARY KEY, company_name varchar(40) NOT NULL, phone varchar(24),
  fax varchar(24));
CREATE TABLE employees (employee_id smallint PRIMARY KEY, last_name varchar(20) NOT NULL, photo bytea,
  reports_to smallint REFERENCES employees, birth_date date);
CREATE INDEX employees_reports_idx ON employees (reports_to);
CREATE TABLE products (product_id smallint PRIMARY KEY, product_name varchar(40) NOT NULL, unit_price real,
  discontinued int NOT NULL);
CREATE TABLE orders (order_id smallint PRIMARY KEY, customer_id char(5) REFERENCES customers,
  employee_id smallint REFERENCES employees, order_date date, freight real, ship_country varchar(15));
CREATE INDEX orders_customer_idx ON orders (customer_id);
CREATE INDEX orders_employee_idx ON orders (employee_id);
CREATE TABLE order_details (order_id smallint NOT NULL REFERENCES orders, product_id smallint NOT NULL REFERENCES products,
  unit_price real NOT NULL, quantity smallint NOT NULL, discount real NOT NULL, PRIMARY KEY (order_id, product_id));
CREATE INDEX order_details_product_idx ON order_details (product_id);
-- rows
INSERT INTO customers VALUES ('ALFKI', 'Alfreds', '030-0074321', '(5) 555-3745'), ('NO   ', 'off', NULL, NULL);
INSERT INTO employees VALUES (2, 'Fuller', '\x00ff10', NULL, '1952-02-19'), (1, 'Davolio', NULL, 2, '1948-12-08'),
  (3, 'Leverling', '\x', 1, NULL);
INSERT INTO products VALUES (1, 'Chai', 18, 0), (2, '007', 0.1, 1);
INSERT INTO orders SELECT n, CASE WHEN n % 2 = 0 THEN 'ALFKI' END, 1 + n % 3, date '1996-07-04' + n, 32.38, 'NO'
  FROM generate_series(1, 50) n;
INSERT INTO order_details SELECT n, 1 + n % 2, 14.4, n, 0.15 FROM generate_series(1, 50) n;
