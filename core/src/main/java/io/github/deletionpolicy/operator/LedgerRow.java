package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Reads the columns that queries on the ledger have in common.
 */
final class LedgerRow {

	private LedgerRow() {
	}

	static TableName table(ResultSet rs) throws SQLException {
		return new TableName(rs.getString("schema_name"), rs.getString("table_name"));
	}

	/**
	 * Return what kept the rows of a chunk at the last attempt; {@code null} for nothing.
	 */
	static @Nullable State keptBy(ResultSet rs) throws SQLException {
		String state = rs.getString("state");
		return (state != null) ? State.valueOf(state) : null;
	}

	/**
	 * Return the state of a chunk from its {@code state} and {@code purging_since}.
	 */
	static State state(ResultSet rs) throws SQLException {
		State keptBy = keptBy(rs);
		if (keptBy != null) {
			return keptBy;
		}
		return (rs.getObject("purging_since") != null) ? State.PURGING : State.PENDING;
	}

}
