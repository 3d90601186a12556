package io.github.deletionpolicy.data;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.mapping.AggregateMapping;

import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.query.Criteria.CriteriaStep;

/**
 * Gives the criteria that tell live rows from deleted ones, for queries that read a table
 * in which both are. <pre class="code">
 * template.findAll(Query.query(criteria.live(User.class)), User.class);
 * template.findAll(Query.query(criteria.deleted(User.class).and("email").is(email)), User.class);
 * </pre>
 * <p>
 * They are on the column that the policy names for the deletion time, and on the default
 * one where there is no such policy. The column needs no property. Criteria may be
 * combined, and serve in {@code deletes.from(…).where(…)} too. The database is asked only
 * where a policy spells the column with capitals and without quotes: a table without a
 * schema is held against the policies as it is written. Thread-safe.
 *
 * @since 0.1
 */
public class DeletionCriteria {

	private final LiveViews liveViews;

	private final DeletionTimeColumns deletionTimes;

	private final Catalog catalog;

	private final AggregateMapping mapping;

	/**
	 * Create the criteria.
	 * @param liveViews the views that stand for tables
	 * @param deletionTimes says which columns carry the deletion time
	 * @param catalog describes tables
	 * @param mapping says what classes mean
	 */
	public DeletionCriteria(LiveViews liveViews, DeletionTimeColumns deletionTimes, Catalog catalog,
			AggregateMapping mapping) {
		this.liveViews = liveViews;
		this.deletionTimes = deletionTimes;
		this.catalog = catalog;
		this.mapping = mapping;
	}

	/**
	 * Return the criteria that holds for live rows.
	 * @param aggregateRoot a class that Spring Data maps to a table or to its live view
	 * @return the criteria
	 * @throws io.github.deletionpolicy.UnknownTableException if the class is not mapped
	 */
	public Criteria live(Class<?> aggregateRoot) {
		return deletionTime(this.mapping.tableOf(aggregateRoot)).isNull();
	}

	/**
	 * Return the criteria that holds for live rows.
	 * @param table {@code table} or {@code schema.table} by SQL's identifier rules
	 * @return the criteria
	 * @throws io.github.deletionpolicy.UnknownTableException if the name is malformed
	 */
	public Criteria live(String table) {
		return deletionTime(TableName.parse(table)).isNull();
	}

	/**
	 * Return the criteria that holds for deleted rows.
	 * @param aggregateRoot a class that Spring Data maps to a table; through a live view
	 * no deleted row is seen
	 * @return the criteria
	 * @throws io.github.deletionpolicy.UnknownTableException if the class is not mapped
	 */
	public Criteria deleted(Class<?> aggregateRoot) {
		return deletionTime(this.mapping.tableOf(aggregateRoot)).isNotNull();
	}

	/**
	 * Return the criteria that holds for deleted rows.
	 * @param table {@code table} or {@code schema.table} by SQL's identifier rules
	 * @return the criteria
	 * @throws io.github.deletionpolicy.UnknownTableException if the name is malformed
	 */
	public Criteria deleted(String table) {
		return deletionTime(TableName.parse(table)).isNotNull();
	}

	/**
	 * Always quoted: then it is no property's name, and Spring Data takes it as it is.
	 */
	private CriteriaStep deletionTime(TableName table) {
		return Criteria.where(SqlIdentifiers.quote(column(table)));
	}

	/**
	 * Only the catalog knows whether a name with capitals and without quotes is spelled
	 * as the column is, or folds.
	 */
	private String column(TableName table) {
		String written = this.deletionTimes.nameOf(this.liveViews.policyFor(table));
		String folded = SqlIdentifiers.parse(written).get(0);
		boolean clear = written.startsWith("\"") || written.equals(folded);
		return clear ? folded : this.catalog.table(table).deletionTime(written).name();
	}

}
