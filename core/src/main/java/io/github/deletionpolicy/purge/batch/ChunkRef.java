package io.github.deletionpolicy.purge.batch;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

import io.github.deletionpolicy.sql.Instants;

/**
 * A chunk as a worker holds it.
 *
 * @param operationId its operation
 * @param id its number
 * @param keyCount how many keys it has
 * @param attempts how often its rows could not be removed
 * @param due since when it may be tried
 * @param holdUnknown whether its operation was accepted under a hold condition that this
 * node does not know
 */
public record ChunkRef(UUID operationId, long id, int keyCount, int attempts, Instant due, boolean holdUnknown) {

	/**
	 * Read a chunk that is to be purged.
	 * @param rs has the columns {@code operation_id, id, key_count, attempts,
	 * next_attempt, hold_unknown}
	 */
	public static ChunkRef from(ResultSet rs, int row) throws SQLException {
		return new ChunkRef(rs.getObject("operation_id", UUID.class), rs.getLong("id"), rs.getInt("key_count"),
				rs.getInt("attempts"), Instants.get(rs, "next_attempt"), rs.getBoolean("hold_unknown"));
	}

	public Id key() {
		return new Id(this.operationId, this.id);
	}

	/**
	 * What identifies a chunk.
	 */
	public record Id(UUID operationId, long chunk) {

		/**
		 * Read it from {@code dp_operation} and {@code dp_chunk}.
		 */
		public static Id from(ResultSet rs) throws SQLException {
			return new Id(rs.getObject("dp_operation", UUID.class), rs.getLong("dp_chunk"));
		}

	}

}
