package io.github.deletionpolicy.delete;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.ForeignKey;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Finds the restricting foreign keys by which rows that stay refer to rows that go.
 */
class Restrictions {

	private final JdbcOperations jdbc;

	Restrictions(JdbcOperations jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Refuse a delete whose rows have been stamped if live rows restrict it.
	 * @param mode its mode
	 * @param plan what it cascaded to
	 * @param nodes numbers of the tables in which it stamped rows
	 * @param going the keys that it stamped, as a relation
	 * @throws RestrictedDeletionException if so
	 */
	void check(DeletionMode mode, CascadePlan plan, Set<Integer> nodes, Function<Node, Sql> going) {
		List<Edge> restricting = plan.restrictions()
			.stream()
			.filter((edge) -> nodes.contains(edge.parent().number()))
			.toList();
		if (restricting.isEmpty()) {
			return;
		}
		Sql statement = Sql.of("");
		for (int i = 0; i < restricting.size(); i++) {
			statement.add((i == 0) ? "" : " UNION ALL ")
				.add("SELECT %d WHERE EXISTS (".formatted(i))
				.add(staying(restricting.get(i), plan, going, false))
				.add(")");
		}
		List<Edge> refusing = statement.list(this.jdbc, (rs, row) -> restricting.get(rs.getInt(1)));
		if (!refusing.isEmpty()) {
			throw refusal(mode, plan.root().name(), refusing);
		}
	}

	/**
	 * Return the query of rows {@code t} that stay and refer to rows that go. A row with
	 * a deletion time stays if it is live. One without goes where the row goes that it
	 * refers to by a cascading key.
	 * @param going the keys that go, as a relation
	 * @param hard whether deleted rows restrict the delete, too
	 */
	static Sql staying(Edge edge, CascadePlan plan, Function<Node, Sql> going, boolean hard) {
		Column deletionTime = edge.child().deletionTime();
		Join join = edge.join("d", "dp_p", "t");
		Sql query = Sql.of("SELECT FROM ")
			.add(going.apply(edge.parent()))
			.add(" AS d%s JOIN %s AS t ON %s WHERE %s".formatted(join.from(), edge.child().name().toSql(),
					join.condition(), (hard || deletionTime == null) ? "true" : deletionTime.toSql("t") + " IS NULL"));
		for (Edge cascading : plan.edges()) {
			if (deletionTime == null && edge.child().isPartOf(cascading.child())
					&& cascading.parent().deletionTime() != null) {
				Join goes = cascading.join("g", "dp_g", "t");
				query.add(" AND NOT EXISTS (SELECT FROM ")
					.add(going.apply(cascading.parent()))
					.add(" AS g%s WHERE %s)".formatted(goes.from(), goes.condition()));
			}
		}
		return query;
	}

	private static RestrictedDeletionException refusal(DeletionMode mode, TableName table, List<Edge> refusing) {
		ForeignKey first = refusing.get(0).key();
		String all = String.join(", ", refusing.stream().map(Restrictions::describe).toList());
		return new RestrictedDeletionException(
				"A %s delete from %s is refused: live rows of other tables refer to its rows (%s). Delete the rows of %s first, or make foreign key %s ON DELETE CASCADE."
					.formatted(mode.name().toLowerCase(Locale.ROOT), table, all, first.child(),
							SqlIdentifiers.quoteIfNeeded(first.name())));
	}

	/**
	 * Return how a restricting key is shown.
	 * @param edge the key
	 * @return {@code schema.table: constraint}
	 */
	static String describe(Edge edge) {
		return edge.key().child() + ": " + edge.key().name();
	}

}
