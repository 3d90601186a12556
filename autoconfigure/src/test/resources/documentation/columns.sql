ALTER TABLE users ADD COLUMN deletion_time timestamptz;
ALTER TABLE documents ADD COLUMN deletion_time timestamptz;
