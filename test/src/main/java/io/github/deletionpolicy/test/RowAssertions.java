package io.github.deletionpolicy.test;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Says what became of a row, whichever way it was deleted: a bean for tests.
 *
 * <pre class="code">
 * rows.assertThat("users", 42).isDeleted();
 * rows.assertThat(User.class, 42).isGone();
 * </pre>
 * <p>
 * It looks when it is called, in the caller's transaction if there is one, and at the
 * table itself: a live view stands for its table. Tables are named by SQL's identifier
 * rules. An id is a value, a {@code Map} of column to value, or an id object of the
 * class.
 *
 * @since 0.1
 */
public class RowAssertions {

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final DeletionTimeColumns deletionTimes;

	private final AggregateMapping mapping;

	private final PendingPurges pendingPurges;

	/**
	 * Create assertions.
	 * @param jdbc runs the queries
	 * @param catalog describes tables
	 * @param deletionTimes says which columns carry the deletion time
	 * @param mapping says what classes mean
	 * @param pendingPurges knows when rows are due
	 */
	public RowAssertions(JdbcOperations jdbc, Catalog catalog, DeletionTimeColumns deletionTimes,
			AggregateMapping mapping, PendingPurges pendingPurges) {
		this.jdbc = jdbc;
		this.catalog = catalog;
		this.deletionTimes = deletionTimes;
		this.mapping = mapping;
		this.pendingPurges = pendingPurges;
	}

	/**
	 * Assert something of a row.
	 * @param table the table, or its live view
	 * @param id the row's primary key
	 * @return the assertions
	 * @throws io.github.deletionpolicy.UnknownTableException if there is no such table
	 * @throws io.github.deletionpolicy.InvalidIdException if the id does not fit
	 */
	public RowAssert assertThat(String table, Object id) {
		return DeletionPolicyAssertions.assertThat(find(table, id));
	}

	/**
	 * Assert something of a row.
	 * @param aggregateRoot the class that is mapped to its table
	 * @param id the id as the class has it
	 * @return the assertions
	 * @throws io.github.deletionpolicy.UnknownTableException if there is no such table
	 * @throws io.github.deletionpolicy.InvalidIdException if the id does not fit
	 */
	public RowAssert assertThat(Class<?> aggregateRoot, Object id) {
		return DeletionPolicyAssertions.assertThat(find(aggregateRoot, id));
	}

	/**
	 * Look for a row.
	 * @param table the table, or its live view
	 * @param id the row's primary key
	 * @return what was found
	 * @throws io.github.deletionpolicy.UnknownTableException if there is no such table
	 * @throws io.github.deletionpolicy.InvalidIdException if the id does not fit
	 */
	public RowState find(String table, Object id) {
		return find(this.catalog.table(TableName.parse(table)), id, id);
	}

	/**
	 * Look for a row.
	 * @param aggregateRoot the class that is mapped to its table
	 * @param id the id as the class has it
	 * @return what was found
	 * @throws io.github.deletionpolicy.UnknownTableException if there is no such table
	 * @throws io.github.deletionpolicy.InvalidIdException if the id does not fit
	 */
	public RowState find(Class<?> aggregateRoot, Object id) {
		return find(this.catalog.table(this.mapping.tableOf(aggregateRoot)), this.mapping.keyOf(aggregateRoot, id), id);
	}

	private RowState find(Table table, Object key, Object id) {
		Sql row = new KeyReader(table).read(List.of(key)).on(table);
		Column deletionTime = this.deletionTimes.find(table);
		Sql statement = Sql.of("SELECT CAST(to_jsonb(t) AS text), %s FROM %s AS t WHERE ".formatted(
				(deletionTime != null) ? deletionTime.toSql("t") : "CAST(NULL AS timestamptz)", table.name().toSql()))
			.add(row);
		Found found = statement.first(this.jdbc,
				(rs, number) -> new Found(rs.getString(1), rs.getObject(2, OffsetDateTime.class)));
		String name = table.name().toString();
		return (found == null) ? new RowState(name, id, null, null, null) : new RowState(name, id, found.values(),
				found.deletionTime(), this.pendingPurges.forRow(name, key).orElse(null));
	}

	private record Found(String values, @Nullable Instant deletionTime) {

		Found(String values, @Nullable OffsetDateTime deletionTime) {
			this(values, (deletionTime != null) ? deletionTime.toInstant() : null);
		}

	}

}
