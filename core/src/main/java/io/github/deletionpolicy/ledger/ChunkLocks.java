package io.github.deletionpolicy.ledger;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Locks chunks for those who change them from outside a purge. A purge may cut a chunk
 * into new ones while another transaction waits for it; that one then gets neither the
 * old chunk nor, within the same statement, the new ones.
 */
public final class ChunkLocks {

	private ChunkLocks() {
	}

	/**
	 * Lock chunks, until none is left that is not locked.
	 * @param jdbc runs the statements, in the caller's transaction
	 * @param chunks what to select from, with the chunks as {@code c}
	 */
	public static void lock(JdbcOperations jdbc, Sql chunks) {
		Set<Long> locked = new HashSet<>();
		do {
			locked.addAll(ids(jdbc, Sql.of("SELECT c.id ").add(chunks).add(" ORDER BY c.id FOR UPDATE OF c")));
		}
		while (!locked.containsAll(ids(jdbc, Sql.of("SELECT c.id ").add(chunks))));
	}

	private static List<Long> ids(JdbcOperations jdbc, Sql statement) {
		return statement.list(jdbc, (rs, row) -> rs.getLong(1));
	}

}
