CREATE TABLE users (
	id            bigint PRIMARY KEY,
	deletion_time timestamptz
);
