package io.github.deletionpolicy.purge.tree;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A row that is found below a root, or a root itself. Values stand as text, as this
 * session spells them.
 *
 * @param node number of its table in the plan
 * @param key its primary key
 * @param token its deletion time; {@code null} if its table carries none
 * @param version changes with the row; {@code null} for any
 * @param operationId the operation that deleted it by itself; {@code null} if it was
 * deleted with the root
 */
public record TreeRow(int node, List<String> key, @Nullable String token, @Nullable String version,
		@Nullable UUID operationId) {

	public static TreeRow from(ResultSet rs) throws SQLException {
		return new TreeRow(rs.getInt("dp_node"), texts(rs, "dp_key"), rs.getString("dp_own"),
				rs.getString("dp_version"), rs.getObject("dp_op", UUID.class));
	}

	public static List<String> texts(ResultSet rs, String label) throws SQLException {
		return Arrays.asList((String[]) rs.getArray(label).getArray());
	}

}
