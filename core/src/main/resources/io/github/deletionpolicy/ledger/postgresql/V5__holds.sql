-- Whether the policy of the table had a hold condition when the rows were deleted. A node
-- that knows no condition for that table does not purge them.
ALTER TABLE deletion_chunk ADD COLUMN hold boolean NOT NULL DEFAULT false;
