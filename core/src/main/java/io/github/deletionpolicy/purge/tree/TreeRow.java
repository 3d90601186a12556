package io.github.deletionpolicy.purge.tree;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A row of a tree. Key and token are texts, so that no precision is lost on their way
 * through the driver.
 *
 * @param node the number of its table in the plan
 * @param key its primary key
 * @param token its deletion time; {@code null} if its table has none
 * @param version changes with each update of the row; {@code null} if that is of no
 * account
 * @param operationId the operation that deleted the row by itself; {@code null} if it was
 * deleted with its parent
 */
public record TreeRow(int node, List<String> key, @Nullable String token, @Nullable String version,
		@Nullable UUID operationId) {

	/**
	 * Read a row of a walk.
	 */
	public static TreeRow from(ResultSet rs) throws SQLException {
		return new TreeRow(rs.getInt("dp_node"), texts(rs, "dp_key"), rs.getString("dp_own"), null,
				rs.getObject("dp_op", UUID.class));
	}

	/**
	 * Return the row as one that must not have changed since.
	 */
	TreeRow unchangedSince(@Nullable String version) {
		return new TreeRow(this.node, this.key, this.token, version, this.operationId);
	}

	boolean isSame(TreeRow row) {
		return this.node == row.node && this.key.equals(row.key);
	}

	public static List<String> texts(ResultSet rs, String label) throws SQLException {
		return Arrays.asList((String[]) rs.getArray(label).getArray());
	}

}
