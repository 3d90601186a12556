-- Rows by the hundred thousand, for the delete that does not fit one transaction.
CREATE TABLE readings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  taken_at timestamptz NOT NULL,
  celsius numeric(4, 1) NOT NULL
);
