package io.github.deletionpolicy.doctor;

import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.RefusedException;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Lets PostgreSQL plan hold conditions as the purge uses them, so that a mistake shows
 * now and not when the first row is due.
 */
class HoldCheck implements Check {

	private static final Pattern SUB_SELECT = Pattern.compile("^\\s*(?:SubPlan|InitPlan) .*");

	private final JdbcOperations jdbc;

	private final Map<Table, String> conditions = new LinkedHashMap<>();

	HoldCheck(JdbcOperations jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		String condition = (reached.policy() instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.holdCondition()
				: null;
		if (condition == null) {
			return;
		}
		Table table = reached.table();
		this.conditions.put(table, condition);
		Column flag = flag(table, condition);
		if (flag != null && !flag.notNull() && flag.type().isBoolean()) {
			String column = SqlIdentifiers.quoteIfNeeded(flag.name());
			findings.accept(new Finding(table.name(), FindingCode.NULLABLE_HOLD_FLAG,
					"Hold flag %s of table %s can be null, and null does not hold: a row whose flag was never set is purged."
						.formatted(column, table.name()),
					"UPDATE %1$s SET %2$s = false WHERE %2$s IS NULL; ALTER TABLE %1$s ALTER COLUMN %2$s SET DEFAULT false, ALTER COLUMN %2$s SET NOT NULL;"
						.formatted(table.name(), column)));
		}
	}

	private static @Nullable Column flag(Table table, String condition) {
		String name = nameIn(condition);
		return (name != null) ? table.columns().get(name) : null;
	}

	private static @Nullable String nameIn(String condition) {
		try {
			List<String> parts = SqlIdentifiers.parse(condition.strip());
			return (parts.size() == 1) ? parts.get(0) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Checks all conditions in one statement, and one by one only where that fails.
	 */
	@Override
	public void finish(Consumer<Finding> findings) {
		if (this.conditions.isEmpty()) {
			return;
		}
		try {
			if (!hasSubSelect(this.conditions)) {
				return;
			}
		}
		catch (DataAccessException ex) {
			// Which one it was shows below.
		}
		this.conditions.forEach((table, condition) -> {
			Finding finding = check(table, condition);
			if (finding != null) {
				findings.accept(finding);
			}
		});
	}

	private @Nullable Finding check(Table table, String condition) {
		try {
			return hasSubSelect(Map.of(table, condition)) ? finding(table, condition,
					"has a sub-select, which is not evaluated again after a wait for a lock: a row could be purged that is held. Use columns of the row alone.")
					: null;
		}
		catch (DataAccessException ex) {
			boolean parameter = ex instanceof DataIntegrityViolationException
					&& condition.replace("??", "").contains("?");
			return finding(table, condition, parameter
					? "has a question mark, which is a parameter. Write ?? for the operator, as in labels ?? 'hold'."
					: "cannot be used, so no row is purged. "
							+ Savepoints.messageOf(ex).replaceFirst(" Position: \\d+$", "") + ".");
		}
	}

	private static Finding finding(Table table, String condition, String complaint) {
		String missing = nameIn(condition);
		String ddl = (missing != null && !table.columns().containsKey(missing))
				? "ALTER TABLE %s ADD COLUMN %s boolean NOT NULL DEFAULT false;".formatted(table.name(),
						SqlIdentifiers.quoteIfNeeded(missing))
				: null;
		return new Finding(table.name(), FindingCode.HOLD_CONDITION,
				"The hold condition '%s' of table %s %s".formatted(condition, table.name(), complaint), ddl);
	}

	/**
	 * In a prepared statement, as the purge uses it: there a question mark is a
	 * parameter.
	 */
	private boolean hasSubSelect(Map<Table, String> held) {
		String selects = held.entrySet()
			.stream()
			.map((entry) -> "SELECT ((%s)) IS TRUE FROM %s AS t".formatted(entry.getValue(),
					entry.getKey().name().toSql()))
			.collect(Collectors.joining(" UNION ALL "));
		return plan("EXPLAIN (COSTS OFF) " + selects).stream().anyMatch((line) -> SUB_SELECT.matcher(line).matches());
	}

	/**
	 * An error must not end the transaction of a test that asks.
	 */
	private List<String> plan(String explain) {
		Supplier<List<String>> work = () -> Sql.of(explain).list(this.jdbc, (rs, row) -> rs.getString(1));
		if (!TransactionSynchronizationManager.isActualTransactionActive()
				|| Boolean.TRUE.equals(this.jdbc.execute((ConnectionCallback<Boolean>) Connection::getAutoCommit))) {
			return work.get();
		}
		try {
			return Savepoints.refusing(this.jdbc, DataAccessException.class, work);
		}
		catch (RefusedException ex) {
			throw ex.reason();
		}
	}

}
